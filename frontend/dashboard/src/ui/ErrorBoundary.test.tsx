import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Card } from "./Card";
import { ErrorBoundary } from "./ErrorBoundary";

let fails = true;
function Fragile() {
  if (fails) throw new Error("of a test");
  return <p>whole again</p>;
}

test("a part that fails is named with a report id, the rest stands, and it can be shown again", () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  fails = true;
  render(
    <>
      <Card title="Trend">
        <Fragile />
      </Card>
      <p>the rest</p>
    </>,
  );
  expect(screen.getByRole("alert").textContent).toContain("“Trend” could not be shown");
  expect(screen.getByText("the rest")).toBeTruthy();
  const report = screen.getByTestId("report-id").textContent ?? "";
  expect(report).toMatch(/^[A-Z2-9]{10}$/);
  expect(log.mock.calls.some(([message]) => String(message).includes(report))).toBe(true);

  fails = false;
  fireEvent.click(screen.getByRole("button", { name: "Show again" }));
  expect(screen.getByText("whole again")).toBeTruthy();
});

test("a part of the program that cannot be loaded is not called a defect", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Gone = () => {
    throw new TypeError("Failed to fetch dynamically imported module: /static/x.js");
  };
  render(
    <ErrorBoundary what="This page">
      <Gone />
    </ErrorBoundary>,
  );
  expect(screen.getByTestId("part-missing").textContent).toContain("There may be a new version");
});
