import { beforeEach, expect, test, vi } from "vitest";
import { Problem, SignedOut, Unreachable } from "@/http/problem";
import { accessToken, FakeServer, json, problem } from "@/testing/fakeServer";
import { meOf } from "@/testing/people";
import { Session } from "./session";

let server: FakeServer;
let session: Session;
const startOver = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  startOver.mockReset();
  server = new FakeServer();
  session = new Session(startOver);
  server.on("/api/me/", () => json(meOf("manager")));
  server.on("/api/auth/token/", () => json({ access: accessToken() }));
  server.on("/api/auth/logout/", () => new Response(null, { status: 204 }));
});

const refreshes = (...answers: Response[]) => {
  server.on(
    "/api/auth/token/refresh/",
    () => answers.shift() ?? problem(401, "not-authenticated", "over"),
  );
};

test("signing in asks for the cookie and keeps the access token out of every storage", async () => {
  await session.signIn("sam", "secret");
  expect(server.asked[0]?.body).toEqual({ username: "sam", password: "secret", cookie: true });
  expect(session.getState()).toMatchObject({ phase: "signed-in", me: { username: "sam" } });
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("header.");
});

test("wrong credentials are a problem, and the state stays", async () => {
  server.on("/api/auth/token/", problem(401, "not-authenticated", "No such user and password."));
  refreshes();
  await session.start();
  await expect(session.signIn("sam", "wrong")).rejects.toBeInstanceOf(Problem);
  expect(session.getState().phase).toBe("signed-out");
});

test("a reload finds the person by the cookie, or nobody", async () => {
  refreshes(json({ access: accessToken() }));
  await session.start();
  expect(session.getState().phase).toBe("signed-in");

  const other = new Session(startOver);
  await other.start();
  expect(other.getState().phase).toBe("signed-out");
});

test("a server that cannot be reached at the start signs nobody out", async () => {
  server.down();
  await session.start();
  expect(session.getState()).toMatchObject({
    phase: "unreachable",
    error: expect.any(Unreachable),
  });
});

test("many requests that are refused at once renew the token once, and are all sent again", async () => {
  await session.signIn("sam", "secret");
  const fresh = accessToken({ serial: 2 });
  refreshes(json({ access: fresh }));
  server.on("/api/x/", ({ headers }) =>
    headers.get("Authorization") === `Bearer ${fresh}`
      ? json({})
      : problem(401, "not-authenticated", "expired"),
  );
  const answers = await Promise.all([1, 2, 3].map(() => session.send("/api/x/")));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(server.askedFor("/api/auth/token/refresh/")).toHaveLength(1);
  expect(server.askedFor("/api/x/")).toHaveLength(6);
});

test("a token that is about to end is renewed before it is used", async () => {
  await session.signIn("sam", "secret");
  refreshes(json({ access: accessToken({ serial: 3 }) }));
  server.on("/api/x/", json({}));
  vi.advanceTimersByTime(869_000);
  await session.send("/api/x/");
  expect(server.askedFor("/api/auth/token/refresh/")).toHaveLength(0);
  vi.advanceTimersByTime(2_000);
  await session.send("/api/x/");
  expect(server.askedFor("/api/auth/token/refresh/")).toHaveLength(1);
});

test("renewing waits for the lock that all tabs share", async () => {
  const turns: (() => void)[] = [];
  const request = vi.fn(
    (_name: string, work: () => Promise<unknown>) =>
      new Promise((resolve, reject) => turns.push(() => work().then(resolve, reject))),
  );
  vi.stubGlobal("navigator", { ...navigator, onLine: true, locks: { request } });
  refreshes(json({ access: accessToken() }));
  const started = session.start();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(request).toHaveBeenCalledWith("pulseboard-refresh", expect.any(Function));
  expect(server.asked).toHaveLength(0);
  turns[0]?.();
  await started;
  expect(session.getState().phase).toBe("signed-in");
});

test("when the cookie is no good any more, the session is over and the person stays known", async () => {
  await session.signIn("sam", "secret");
  server.on("/api/x/", problem(401, "not-authenticated", "expired"));
  refreshes();
  await expect(session.send("/api/x/")).rejects.toBeInstanceOf(SignedOut);
  expect(session.getState()).toMatchObject({ phase: "expired", me: { username: "sam" } });
  const before = server.asked.length;
  await expect(session.send("/api/x/")).rejects.toBeInstanceOf(SignedOut);
  expect(server.asked.length).toBe(before);
});

test("a refresh that fails for another reason does not end the session", async () => {
  await session.signIn("sam", "secret");
  server.on("/api/x/", problem(401, "not-authenticated", "expired"));
  server.on("/api/auth/token/refresh/", problem(503, "unavailable", "busy"));
  await expect(session.send("/api/x/")).rejects.toMatchObject({ status: 503 });
  expect(session.getState().phase).toBe("signed-in");
});

test("signing in again goes on; somebody else starts over", async () => {
  await session.signIn("sam", "secret");
  server.on("/api/x/", problem(401, "not-authenticated", "expired"));
  refreshes();
  await session.send("/api/x/").catch(() => undefined);
  await session.signIn("sam", "secret");
  expect(session.getState().phase).toBe("signed-in");
  expect(startOver).not.toHaveBeenCalled();

  await session.send("/api/x/").catch(() => undefined);
  server.on("/api/me/", () => json({ ...meOf("manager"), id: 2, username: "kim" }));
  await session.signIn("kim", "secret");
  expect(startOver).toHaveBeenCalledOnce();
});

test("when another tab has signed in somebody else, this one starts over", async () => {
  await session.signIn("sam", "secret");
  server.on("/api/x/", problem(401, "not-authenticated", "expired"));
  refreshes(json({ access: accessToken({ user_id: "2" }) }));
  await session.send("/api/x/").catch(() => undefined);
  expect(startOver).toHaveBeenCalled();
});

test("signing out tells the server and forgets, also without a connection", async () => {
  await session.signIn("sam", "secret");
  await session.signOut();
  expect(server.askedFor("/api/auth/logout/")).toHaveLength(1);
  expect(session.getState().phase).toBe("signed-out");

  await session.signIn("sam", "secret");
  server.down();
  await session.signOut().catch(() => undefined);
  expect(session.getState().phase).toBe("signed-out");
});

test("signing out in one tab signs out the others", async () => {
  vi.useRealTimers();
  const other = new Session(startOver);
  const end = other.followTabs();
  await Promise.all([session.signIn("sam", "secret"), other.signIn("sam", "secret")]);
  const channel = new BroadcastChannel("pulseboard-session");
  channel.postMessage("signed-out");
  await vi.waitFor(() => expect(other.getState().phase).toBe("signed-out"));
  channel.close();
  end();
});
