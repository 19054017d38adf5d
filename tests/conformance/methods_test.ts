import { assertEquals, assertMatch } from "@std/assert";
import { FETCH, item, RELAY } from "./item.ts";
import { head, ok } from "./raw.ts";
import { asSent, firstLine, Rig, values } from "./rig.ts";

item(1, "methods are passed on as they are", async (engine) => {
  await using rig = Rig.answering(ok(""), { engine });
  for (const method of ["GET", "DELETE", "OPTIONS", "PROPFIND", "FOO", "patch"]) {
    await rig.ask(head(`${method} /`));
    assertEquals(firstLine(rig.heads.pop()), `${method} / HTTP/1.1`);
  }
});

item(1, "the case of a method and every token character are kept", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(""), { engine });
  for (const method of ["get", "Post", "dELETE", "TRACK", "M-SEARCH", "!#$%&'*+-.^_`|~9"]) {
    await rig.ask(head(`${method} /`));
    assertEquals(asSent(rig.heads.pop()), head(`${method} /`));
  }
});

item(1, "methods that fetch would rewrite or forbid are a 501", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const method of ["get", "post", "Delete", "head", "oPTIONS", "put", "trace", "TRACK"]) {
    assertMatch(
      await rig.ask(head(`${method} /`, "Content-Length: 0")),
      /^HTTP\/1.1 501 /,
      method,
    );
  }
  assertEquals(rig.heads, []);
});

item(2, "TRACE is passed on like any other method", RELAY, async (engine) => {
  const echo = "TRACE /a HTTP/1.1\r\nHost: app.example\r\n\r\n";
  await using rig = Rig.answering(ok(echo, "Content-Type: message/http"), { engine });
  assertMatch(await rig.ask(head("TRACE /a"), echo.length), /\r\n\r\nTRACE \/a HTTP\/1.1\r\n/);
  assertEquals(asSent(rig.heads[0]), head("TRACE /a"));
});

item(2, "Max-Forwards is counted down for TRACE and OPTIONS only", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const [method, left] of [["TRACE", "9"], ["OPTIONS", "9"], ["GET", "10"]]) {
    await rig.ask(head(`${method} /`, "Max-Forwards: 10"), 2);
    assertEquals(values(rig.heads.pop() ?? "", "max-forwards"), [left], method);
  }
});

item(2, "with Max-Forwards: 0 the proxy answers itself", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const method of ["TRACE", "OPTIONS"]) {
    const answer = await rig.ask(head(`${method} /`, "Max-Forwards: 0"));
    assertMatch(answer, /^HTTP\/1.1 20[04] /, method);
  }
  assertEquals(rig.heads, []);
  await rig.ask(head("GET /", "Max-Forwards: 0"), 2);
  assertEquals(rig.heads.length, 1);
});

item(2, "TRACE is refused with 501 and reaches nobody", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  assertMatch(await rig.ask(head("TRACE /")), /^HTTP\/1.1 501 /);
  assertEquals(rig.heads, []);
});

item(3, "B45b CONNECT is refused with 405", async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const answer = await rig.ask("CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n");
  assertMatch(answer, /^HTTP\/1.1 405 /);
  assertEquals(values(answer, "allow").length, 1);
  assertEquals(rig.heads, []);
});

item(3, "what follows a CONNECT is not read as a request", RELAY, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  const connect = "CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n";
  const answers = await rig.everything(connect + head("GET /hidden"));
  assertEquals(answers.match(/^HTTP\/1.1 \d+/gm), ["HTTP/1.1 405"]);
  assertEquals(rig.heads, []);
});

item(4, "GET, HEAD and DELETE carry their bodies as they are framed", RELAY, async (engine) => {
  for (const method of ["GET", "HEAD", "DELETE"]) {
    const sized = head(`${method} /`, "Content-Length: 2") + "hi";
    const chunked = head(`${method} /`, "Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n";
    for (const [request, end] of [[sized, "\r\n\r\nhi"], [chunked, "0\r\n\r\n"]] as const) {
      let got = "";
      await using rig = new Rig(async (conn) => {
        got = await conn.readUntil(end);
        await conn.write(ok(""));
      }, { engine });
      assertMatch(await rig.ask(request), /^HTTP\/1.1 200 /);
      assertEquals(asSent(got), request);
    }
  }
});

item(4, "GET and HEAD with a body are refused, never sent without it", FETCH, async (engine) => {
  await using rig = Rig.answering(ok(), { engine });
  for (const method of ["GET", "HEAD"]) {
    const sized = head(`${method} /`, "Content-Length: 2") + "hi";
    const chunked = head(`${method} /`, "Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n";
    for (const request of [sized, chunked]) {
      assertMatch(await rig.ask(request), /^HTTP\/1.1 501 /);
    }
  }
  assertEquals(rig.heads, []);
});
