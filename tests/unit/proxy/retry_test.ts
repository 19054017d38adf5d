import { assertEquals } from "@std/assert";
import {
  decideRetry,
  type Decision,
  type FailedAttempt,
  type Failure,
} from "../../../src/proxy/retry.ts";

const BASE: FailedAttempt = {
  failure: "closed_before_head",
  method: "GET",
  idempotencyKey: false,
  retryUnsafe: false,
  connection: "fresh",
  tries: 1,
  backoffs: 0,
  freeRetryUsed: false,
  bodyReplayable: true,
  backendAvailable: true,
  lookedAgain: true,
  anotherAvailable: false,
  waitLeftMs: 1000,
  activeRetries: 0,
  activeRequests: 1,
};
const SAFE = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];
const UNSAFE = ["POST", "PATCH", "LOCK", "FOO", "get"];

const FAIL_502: Decision = { action: "fail", status: 502 };
const FAIL_504: Decision = { action: "fail", status: 504 };
const FRESH: Decision = { action: "retry_at_once_fresh" };
const HOLD: Decision = { action: "wait_in_hold" };

function decide(changes: Partial<FailedAttempt>, random = 1): Decision {
  return decideRetry({ ...BASE, ...changes }, () => random);
}

function other(budgeted: boolean): Decision {
  return { action: "retry_other", budgeted };
}

function same(ms: number, budgeted: boolean): Decision {
  return { action: "retry_same_after", ms, budgeted };
}

Deno.test("R1 a request whose only backend is gone waits for the next one, whatever its method", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assertEquals(decide({ failure: "connect_failed", method, backendAvailable: false }), HOLD);
  }
});

Deno.test("R2 a refused connection is repeated for every method: another backend at once", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assertEquals(
      decide({ failure: "connect_failed", method, anotherAvailable: true }),
      other(false),
    );
    assertEquals(decide({ failure: "connect_failed", method }), same(25, false));
  }
});

Deno.test("R2 a refused connection costs no try and no budget, only waiting time", () => {
  const refused = { failure: "connect_failed", tries: 3, activeRetries: 99 } as const;
  assertEquals(decide(refused), same(25, false));
  assertEquals(decide({ ...refused, waitLeftMs: 0 }), FAIL_502);
});

Deno.test("R2 a body that is used up is not sent again even though nothing arrived", () => {
  assertEquals(decide({ failure: "connect_failed", bodyReplayable: false }), FAIL_502);
});

Deno.test("R3 a dead reused connection is replaced once, for every method", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    const dead = { failure: "reused_dead", connection: "reused", method } as const;
    assertEquals(decide({ ...dead, tries: 3 }), FRESH);
    assertEquals(decide({ ...dead, freeRetryUsed: true }), FAIL_502);
  }
});

Deno.test("R4 idempotent requests go again on a fresh connection, once, and are not counted", () => {
  for (const method of SAFE) {
    assertEquals(decide({ method, connection: "reused", tries: 3 }), FRESH);
    assertEquals(decide({ method, connection: "unknown", activeRetries: 99 }), FRESH);
    assertEquals(decide({ method, connection: "reused", freeRetryUsed: true }), same(25, true));
  }
});

Deno.test("R4 POST, PATCH and unknown methods do not, unless a key or the operator allows it", () => {
  for (const method of UNSAFE) {
    assertEquals(decide({ method, connection: "reused" }), FAIL_502);
    assertEquals(decide({ method, connection: "reused", idempotencyKey: true }), FRESH);
    assertEquals(decide({ method, connection: "reused", retryUnsafe: true }), FRESH);
  }
});

Deno.test("R5 on a fresh connection another backend is asked, else the same while it is alive", () => {
  for (const method of SAFE) {
    assertEquals(decide({ method, anotherAvailable: true }), other(true));
    assertEquals(decide({ method }), same(25, true));
    assertEquals(decide({ method, backendAvailable: false }), HOLD);
  }
  for (const method of UNSAFE) {
    assertEquals(decide({ method, anotherAvailable: true }), FAIL_502);
    assertEquals(decide({ method, backendAvailable: false }), FAIL_502);
  }
});

Deno.test("R5 three tries at most", () => {
  assertEquals(decide({ tries: 2, anotherAvailable: true }), other(true));
  assertEquals(decide({ tries: 3, anotherAvailable: true }), FAIL_502);
});

Deno.test("R5 at most 20 % of the active requests retry at the same time, but always three", () => {
  assertEquals(decide({ activeRetries: 2 }), same(25, true));
  assertEquals(decide({ activeRetries: 3 }), FAIL_502);
  assertEquals(decide({ activeRetries: 19, activeRequests: 100 }), same(25, true));
  assertEquals(decide({ activeRetries: 20, activeRequests: 100 }), FAIL_502);
});

Deno.test("R5 the back-off doubles up to 250 ms, has full jitter and fits the time left", () => {
  const waits = [0, 1, 2, 3, 4, 50].map((backoffs) => decide({ backoffs }));
  assertEquals(waits, [25, 50, 100, 200, 250, 250].map((ms) => same(ms, true)));
  assertEquals(decide({ backoffs: 2 }, 0.5), same(50, true));
  assertEquals(decide({}, 0), same(0, true));
  assertEquals(decide({ waitLeftMs: 5 }), same(5, true));
});

Deno.test("R6 a request that may still be running is not repeated: 504", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assertEquals(
      decide({ failure: "head_timeout", method, anotherAvailable: true, retryUnsafe: true }),
      FAIL_504,
    );
  }
});

Deno.test("R7 a malformed head is not repeated: 502", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assertEquals(decide({ failure: "bad_head", method, anotherAvailable: true }), FAIL_502);
  }
});

Deno.test("R8 a chosen status is repeated for idempotent requests, else passed on", () => {
  const status: Partial<FailedAttempt> = { failure: "status" };
  assertEquals(decide({ ...status, anotherAvailable: true }), other(true));
  assertEquals(decide(status), same(25, true));
  assertEquals(decide({ ...status, tries: 3 }), { action: "pass" });
  assertEquals(decide({ ...status, bodyReplayable: false }), { action: "pass" });
  assertEquals(decide({ ...status, backendAvailable: false }), { action: "pass" });
  for (const method of UNSAFE) {
    assertEquals(decide({ ...status, method, retryUnsafe: true, anotherAvailable: true }), {
      action: "pass",
    });
  }
});

Deno.test("R9 nothing is repeated once the answer is being forwarded", () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assertEquals(decide({ failure: "forwarding", method, anotherAvailable: true }), FAIL_502);
  }
});

Deno.test("R10 a client that is gone ends everything with 499", () => {
  assertEquals(decide({ failure: "client_gone" }), { action: "fail", status: 499 });
});

Deno.test("R11 failures of our own making cost neither tries nor budget", () => {
  const ours = { backendAvailable: false, tries: 3, activeRetries: 99 };
  assertEquals(decide({ ...ours }), HOLD);
  assertEquals(decide({ ...ours, anotherAvailable: true }), other(false));
  assertEquals(decide({ ...ours, method: "POST" }), FAIL_502);
  assertEquals(decide({ ...ours, method: "POST", failure: "connect_failed" }), HOLD);
});

Deno.test("R11 at a limit it is waited whether the backend has died, once", () => {
  const limits: Partial<FailedAttempt>[] = [{ activeRetries: 3 }, { tries: 3 }];
  for (const limit of limits) {
    const cut = { ...limit, lookedAgain: false };
    assertEquals(decide(cut), { action: "look_again", ms: 250 });
    assertEquals(decide({ ...cut, lookedAgain: true }), FAIL_502);
    assertEquals(decide({ ...cut, lookedAgain: true, backendAvailable: false }), HOLD);
    assertEquals(decide({ ...cut, method: "POST" }), FAIL_502);
    assertEquals(decide({ ...cut, failure: "status" }), { action: "pass" });
  }
});

Deno.test("R11 what a drain cut is not repeated: 504", () => {
  assertEquals(decide({ failure: "cut", backendAvailable: false }), FAIL_504);
});

Deno.test("R12 an upgrade is a GET until 101 and follows R1 to R5", () => {
  assertEquals(decide({ failure: "connect_failed", anotherAvailable: true }), other(false));
  assertEquals(decide({ backendAvailable: false }), HOLD);
});

Deno.test("R1 to R12 no failure is repeated without a body to send", () => {
  const failures: Failure[] = ["connect_failed", "reused_dead", "closed_before_head"];
  for (const failure of failures) {
    for (const connection of ["fresh", "reused", "unknown"] as const) {
      const used = { failure, connection, bodyReplayable: false, anotherAvailable: true };
      assertEquals(decide(used), FAIL_502);
    }
  }
});
