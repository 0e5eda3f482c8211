let lastMs = 0;
let count = 0;

/**
 * A UUID of version 7 (RFC 9562): 48 bits of `now` (ms since 1970), 12 that count within the
 * millisecond, the rest random. Each of a page is greater than those before it, whatever its clock.
 */
export function uuid7(now: number): string {
  const ms = Math.trunc(now);
  if (ms > lastMs) {
    lastMs = ms;
    count = 0;
  } else if (++count > 0xfff) {
    lastMs++;
    count = 0;
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = 0x80 | ((random[0] as number) & 0x3f);
  return [hex(lastMs, 12), hex(0x7000 | count, 4), ...Array.from(random, (byte) => hex(byte, 2))]
    .join("")
    .replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
