/** The build for a script tag: what `import` gives elsewhere is `PulseboardTelemetry` there. */

import { createTelemetry } from "./telemetry.ts";

declare global {
  var PulseboardTelemetry: { createTelemetry: typeof createTelemetry };
}

globalThis.PulseboardTelemetry = { createTelemetry };
