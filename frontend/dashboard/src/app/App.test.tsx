import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { session } from "@/session/session";
import { accessToken, FakeServer, json, problem, stamped } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { setOnline, show } from "@/testing/show";
import { App } from "./App";

let server: FakeServer;
const user = userEvent.setup();
const BASE = "/api/analytics/manager";

beforeEach(async () => {
  server = new FakeServer();
  await signIn(server);
  server.on(`${BASE}/teams/`, stamped([], { total: 0 }));
  server.on(`${BASE}/learners/`, stamped([], { total: 0 }));
  server.on(`${BASE}/audit/`, json([], 200, { "X-Total-Count": "0" }));
  server.on("/api/modules/", json([]));
});

const at = (address: string) => window.history.replaceState(null, "", address);
const heading = (name: string) =>
  screen.findByRole("heading", { level: 1, name }, { timeout: 5_000 });

test("who is not signed in is sent to sign in, and afterwards to where they wanted to go", async () => {
  await session.signOut();
  at("/learners?status=idle&page=2");
  show(<App />);
  await heading("Sign in");
  expect(window.location.pathname).toBe("/sign-in");
  await user.type(screen.getByLabelText("User name"), "sam");
  await user.type(screen.getByLabelText("Password"), "secret");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await heading("Learners");
  expect(window.location.pathname + window.location.search).toBe("/learners?status=idle&page=2");
});

test.each([
  "https://elsewhere.example/",
  "//elsewhere.example",
  "/\\elsewhere.example",
  "/sign-in",
])("after signing in nobody is sent to %s", async (next) => {
  at(`/sign-in?next=${encodeURIComponent(next)}`);
  show(<App />);
  await waitFor(() => expect(window.location.pathname).toBe("/overview"));
  expect(window.location.origin).toBe("http://localhost:3000");
});

test("a learner starts with the modules and finds no manager's page", async () => {
  await signIn(server, "learner");
  at("/");
  const { unmount } = show(<App />);
  await heading("My learning");
  expect(screen.queryByRole("link", { name: "Overview" })).toBeNull();
  unmount();
  at("/learners");
  show(<App />);
  await heading("Page not found");
  expect(server.askedFor(`${BASE}/learners/`)).toHaveLength(0);
});

test("an address that does not exist says so", async () => {
  at("/nowhere");
  show(<App />);
  await heading("Page not found");
});

test("offline there is a banner, until there is a connection again", async () => {
  at("/audit");
  show(<App />);
  await heading("Audit");
  expect(screen.queryByTestId("offline")).toBeNull();
  setOnline(false);
  expect(screen.getByTestId("offline").closest('[role="status"]')).toBeTruthy();
  setOnline(true);
  expect(screen.queryByTestId("offline")).toBeNull();
});

test("when the session ends, the page and what was typed stay; signing in goes on there", async () => {
  at("/learners?status=idle");
  show(<App />);
  await heading("Learners");
  const search = await screen.findByLabelText("Search by name");
  server.on(`${BASE}/learners/`, problem(401, "not-authenticated", "expired"));
  server.on("/api/auth/token/refresh/", problem(401, "not-authenticated", "over"));
  await user.type(search, "an");

  const dialog = await screen.findByTestId("session-expired");
  expect(dialog.textContent).toContain("Your session has expired");
  expect((search as HTMLInputElement).value).toBe("an");
  expect(window.location.search).toBe("?status=idle&search=an");
  expect(screen.queryByTestId("update-failed")).toBeNull();

  server.on("/api/auth/token/", () => json({ access: accessToken({ serial: 9 }) }));
  server.on(`${BASE}/learners/`, stamped([], { total: 0 }));
  await user.type(screen.getByLabelText("Password"), "secret");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(screen.queryByTestId("session-expired")).toBeNull());
  await waitFor(() => expect(server.asked.at(-1)?.path).toContain("search=an"));
  expect((search as HTMLInputElement).value).toBe("an");
});

test("a server that cannot be reached at the start is not an empty page", async () => {
  server.down();
  show(<App />);
  await session.start();
  expect(await screen.findByTestId("unreachable")).toBeTruthy();
  server.down(false);
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByTestId("unreachable")).toBeNull());
});

test("signing out forgets what was shown", async () => {
  at("/audit");
  show(<App />);
  await heading("Audit");
  await user.click(screen.getAllByRole("button", { name: "Sign out" })[0] as HTMLElement);
  await heading("Sign in");
  expect(server.askedFor("/api/auth/logout/")).toHaveLength(1);
  expect(screen.queryByText("Sam Example")).toBeNull();
});

test("the theme goes from the system's to light and dark, and is kept", async () => {
  at("/audit");
  show(<App />);
  await heading("Audit");
  const [button] = screen.getAllByRole("button", { name: "Theme: system" });
  await user.click(button as HTMLElement);
  expect(document.documentElement.dataset.theme).toBe("light");
  await user.click(screen.getAllByRole("button", { name: "Theme: light" })[0] as HTMLElement);
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("pulseboard-theme")).toBe("dark");
  await user.click(screen.getAllByRole("button", { name: "Theme: dark" })[0] as HTMLElement);
  expect(document.documentElement.dataset.theme).toBeUndefined();
});
