import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test } from "vitest";
import { FakeServer, json, problem } from "@/testing/fakeServer";
import { meOf } from "@/testing/people";
import { show } from "@/testing/show";
import { SignInForm } from "./SignInForm";
import { session } from "./session";

let server: FakeServer;
const user = userEvent.setup();

beforeEach(() => {
  server = new FakeServer();
  server.on("/api/me/", () => json(meOf("manager")));
  show(<SignInForm />);
});

const fill = async (username: string, password: string) => {
  if (username) await user.type(screen.getByLabelText("User name"), username);
  if (password) await user.type(screen.getByLabelText("Password"), password);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
};

const values = () => [
  (screen.getByLabelText("User name") as HTMLInputElement).value,
  (screen.getByLabelText("Password") as HTMLInputElement).value,
];

test("names each field that is missing, sends nothing, and puts the focus there", async () => {
  await fill("", "");
  expect(screen.getByText("User name: is required")).toBeTruthy();
  expect(screen.getByText("Password: is required")).toBeTruthy();
  expect(server.asked).toHaveLength(0);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("User name")));
  expect(screen.getByLabelText("User name").getAttribute("aria-invalid")).toBe("true");
});

test("wrong credentials are said, and what was typed stays", async () => {
  server.on(
    "/api/auth/token/",
    problem(401, "not-authenticated", "User name and password do not match."),
  );
  await fill("sam", "wrong");
  const alert = await screen.findByText("User name and password do not match.");
  expect(alert.closest('[role="alert"]')).toBeTruthy();
  expect(values()).toEqual(["sam", "wrong"]);
});

test("a field that the server finds wrong is named at the field", async () => {
  const errors = [{ field: "username", reason: "must not contain NUL" }];
  server.on("/api/auth/token/", problem(400, "invalid-input", "bad", { errors }));
  await fill("sam", "x");
  expect(await screen.findByText("User name: must not contain NUL")).toBeTruthy();
  expect(values()).toEqual(["sam", "x"]);
});

test("too many tries: says how long to wait", async () => {
  const headers = { "Retry-After": "600" };
  server.on(
    "/api/auth/token/",
    problem(429, "rate-limited", "Too many failed sign-ins.", { headers }),
  );
  await fill("sam", "x");
  expect(
    await screen.findByText("Too many failed sign-ins. Try again in 10 minutes."),
  ).toBeTruthy();
});

test("no connection is said as such", async () => {
  server.down();
  await fill("sam", "x");
  expect(
    await screen.findByText("The server cannot be reached. Check the connection."),
  ).toBeTruthy();
});

test("signs in, without spaces around the name", async () => {
  server.on("/api/auth/token/", json({ access: "a.e30.c" }));
  await fill(" sam ", "secret");
  await waitFor(() => expect(session.getState().phase).toBe("signed-in"));
  expect(server.asked[0]?.body).toEqual({ username: "sam", password: "secret", cookie: true });
});
