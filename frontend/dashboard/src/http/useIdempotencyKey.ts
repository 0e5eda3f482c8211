import { useRef } from "react";

/**
 * A key for what is about to be sent: the same for another try with the same content, so that it
 * counts once, and a new one for other content or after `spend`.
 */
export function useIdempotencyKey(): { keyFor: (content: unknown) => string; spend: () => void } {
  const kept = useRef<{ content: string; key: string } | null>(null);
  return {
    keyFor: (content) => {
      const text = JSON.stringify(content);
      if (kept.current?.content !== text) kept.current = { content: text, key: makeUuid() };
      return kept.current.key;
    },
    spend: () => {
      kept.current = null;
    },
  };
}

/** Version 4; `crypto.randomUUID` is missing on pages over plain HTTP. */
function makeUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
