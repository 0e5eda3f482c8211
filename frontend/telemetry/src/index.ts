export type {
  CreateTelemetry,
  Interval,
  PageOptions,
  Place,
  Problem,
  Pulse,
  Standing,
  Telemetry,
  TelemetryOptions,
  TelemetryState,
  Tracker,
} from "./api.ts";
export type { Ports } from "./ports.ts";
export { createTelemetry } from "./telemetry.ts";
