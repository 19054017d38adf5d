import { assertEquals } from "@std/assert";
import { healthyAnswer, isHealthRequest } from "../../../src/proxy/gate.ts";

Deno.test("K32 isHealthRequest() knows GET and HEAD of exactly the health path", () => {
  const of = (method: string, target: string) => isHealthRequest(method, target, "/up?deep=1");
  assertEquals([of("GET", "/up?deep=1"), of("HEAD", "/up?deep=1")], [true, true]);
  for (const method of ["POST", "get", "OPTIONS"]) assertEquals(of(method, "/up?deep=1"), false);
  for (const target of ["/up", "/up/", "/up?deep=2", "/UP?deep=1", ""]) {
    assertEquals(of("GET", target), false);
  }
});

Deno.test("K32 without a health path nothing asks for health", () => {
  assertEquals(isHealthRequest("GET", "/", null), false);
});

Deno.test("healthyAnswer() is a complete answer that nobody stores", () => {
  const { status, headers, body } = healthyAnswer();
  assertEquals([status, new TextDecoder().decode(body)], [200, "ok\n"]);
  const fields = Object.fromEntries(headers);
  assertEquals([fields["Content-Length"], fields["Cache-Control"]], ["3", "no-store"]);
});
