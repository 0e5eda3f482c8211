const PATHS = {
  overview: "M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-4H4z",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.6c2.1.9 3.5 2.8 3.5 5.4",
  audit: "M7 3h8l4 4v14H7zM14 3v5h5M10 13h6M10 17h6",
  learn: "M3 6.5 12 3l9 3.5-9 3.5zM7 9v6c0 1.5 2.2 3 5 3s5-1.5 5-3V9M21 6.5v7",
  refresh: "M20 11a8 8 0 0 0-14.3-4L4 9M4 4v5h5M4 13a8 8 0 0 0 14.3 4L20 15M20 20v-5h-5",
  warning: "M12 4 2.5 20h19zM12 10v4.5M12 17.5v.1",
  error: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V13M12 16.3v.1",
  check: "M5 12.5 10 17.5 19.5 7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5.3l3.5 2",
  offline:
    "M3 3l18 18M8.5 16a5 5 0 0 1 5.5-1M5 12.5a10 10 0 0 1 4-2.3M1.5 9A15 15 0 0 1 6 6M10.5 5.1A15 15 0 0 1 22.5 9M15.5 10.7A10 10 0 0 1 19 12.5M12 19.5v.1",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  download: "M12 3v12M7 10.5l5 5 5-5M4 20h16",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3 19 19M5 19l1.7-1.7M17.3 6.7 19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
  system: "M3 4h18v12H3zM8 20h8M12 16v4",
  out: "M10 4H5v16h5M9.5 12H21M17 8l4 4-4 4",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  video: "M3 6h12v12H3zM15 10.5 21 7v10l-6-3.5",
  document: "M7 3h7l4 4v14H7zM13.5 3v4.5H18",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4.2 4.2 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4.2 4.2 0 0 0 6 6L12.5 17",
  quiz: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5A2.5 2.5 0 1 1 12 12.5V14M12 16.8v.1",
  pulse: "M3 12h4l3-7 4 14 3-7h4",
  none: "M5 12h14",
} as const;

export type IconName = keyof typeof PATHS;

/** Beside words only: it says nothing to who cannot see it. */
export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      focusable="false"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.8"
      viewBox="0 0 24 24"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
