import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { AuditEntry } from "@/analytics/types";
import type { Role } from "@/session/session";
import { FakeServer, json, problem } from "@/testing/fakeServer";
import { signIn } from "@/testing/people";
import { pass, show } from "@/testing/show";
import { AuditPage } from "./AuditPage";

const PATH = "/api/analytics/manager/audit/";
let server: FakeServer;

const ENTRY: AuditEntry = {
  id: 7,
  at: "2026-02-10T07:42:12.301277Z",
  actor_id: 2,
  actor: "manager-01",
  action: "read_details",
  learner_id: 5,
  detail: { refresh_id: 31 },
  request_id: "r-1",
};

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.on(PATH, json([ENTRY], 200, { "X-Total-Count": "1" }));
});

async function open(address: string, role: Role = "admin"): Promise<void> {
  await signIn(server, role);
  window.history.replaceState(null, "", address);
  show(<AuditPage />);
  await pass(0);
}
const asked = () =>
  Object.fromEntries(new URL(server.askedFor(PATH).at(-1)?.path ?? "", "http://x").searchParams);
const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label);

test("the address says it all: it is what is asked for", async () => {
  await open("/audit?actor=2&learner=5&action=assign&page=3");
  expect(asked()).toEqual({
    actor: "2",
    learner: "5",
    action: "assign",
    page: "3",
    page_size: "50",
  });
  expect(field("Who (id)").value).toBe("2");
  expect(field("Learner (id)").value).toBe("5");
});

test.each([
  ["Who (id)", "actor"],
  ["Learner (id)", "learner"],
])(
  "what is typed into %s is asked for once, after a pause, from the first page on",
  async (label, name) => {
    await open("/audit?page=3");
    for (const text of ["1", "12"]) {
      fireEvent.change(field(label), { target: { value: text } });
      await pass(100);
    }
    expect(server.askedFor(PATH)).toHaveLength(1);
    await pass(250);
    expect(server.askedFor(PATH)).toHaveLength(2);
    expect(asked()).toEqual({ [name]: "12", page_size: "50" });
    expect(window.location.search).toBe(`?${name}=12`);
  },
);

test("the name of who did something leads to all that they did", async () => {
  await open("/audit?learner=5");
  const [link] = screen.getAllByRole("link", { name: "manager-01" });
  fireEvent.click(link as HTMLElement);
  await pass(0);
  expect(asked()).toEqual({ actor: "2", page_size: "50" });
  expect(field("Who (id)").value).toBe("2");
  expect(field("Learner (id)").value).toBe("");
});

test("a manager, who sees their own entries alone, is not asked whose", async () => {
  await open("/audit", "manager");
  expect(screen.queryByLabelText("Who (id)")).toBeNull();
  expect(field("Learner (id)")).toBeTruthy();
});

test("what the server refuses is named at the field, and stays there to be put right", async () => {
  const errors = [{ field: "learner", reason: "must be a whole number" }];
  await open("/audit");
  server.on(PATH, () => problem(400, "invalid-input", "learner: …", { errors }));
  fireEvent.change(field("Learner (id)"), { target: { value: "ana" } });
  await pass(300);
  expect(screen.getByText("Learner (id): must be a whole number")).toBeTruthy();
  expect(field("Learner (id)").value).toBe("ana");
  expect(field("Learner (id)").getAttribute("aria-invalid")).toBe("true");
});
