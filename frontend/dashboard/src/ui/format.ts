/** Words for figures and times. The page is English, so only English habits are followed. */

const locale = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const dateTime = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const dateTimeZone = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const clock = new Intl.DateTimeFormat(locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const zoneName = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });
// Days of the figures are UTC days; moving them into the viewer's zone would show the day before.
const utcDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const utcDayLong = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export const sayDateTime = (iso: string): string => dateTime.format(new Date(iso));
export const sayDateTimeZone = (iso: string): string => dateTimeZone.format(new Date(iso));
export const sayClock = (iso: string): string => clock.format(new Date(iso));
export const sayDay = (day: string): string =>
  utcDay.format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
export const sayDayLong = (day: string): string =>
  utcDayLong.format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
export const sayCount = (value: number): string => whole.format(value);
export const sayNumber = (value: number): string => tenth.format(value);

/** Such as "Europe/Berlin, CET". */
export function sayZone(): string {
  const name = zoneName.formatToParts(new Date()).find((part) => part.type === "timeZoneName");
  return name && name.value !== zone ? `${zone}, ${name.value}` : zone;
}

/** An age such as "45 seconds", coarse where it is long. */
export function sayAge(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return plural(whole, "second");
  if (whole < 3600) return plural(Math.floor(whole / 60), "minute");
  if (whole < 172_800) return plural(Math.floor(whole / 3600), "hour");
  return plural(Math.floor(whole / 86_400), "day");
}

/** How long before `reference`, both moments of the server's. */
export function saySince(iso: string, reference: string): string {
  const seconds = (new Date(iso).getTime() - new Date(reference).getTime()) / 1000;
  const size = Math.abs(seconds);
  if (size < 60) return "just now";
  if (size < 3600) return relative.format(Math.trunc(seconds / 60), "minute");
  if (size < 172_800) return relative.format(Math.trunc(seconds / 3600), "hour");
  return relative.format(Math.trunc(seconds / 86_400), "day");
}

/** Such as "5 h 40 min". */
export function sayMinutes(minutes: number): string {
  if (minutes < 60) return `${tenth.format(minutes)} min`;
  const rounded = Math.round(minutes);
  return `${whole.format(Math.floor(rounded / 60))} h ${rounded % 60} min`;
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${whole.format(count)} ${count === 1 ? noun : nouns}`;
}
