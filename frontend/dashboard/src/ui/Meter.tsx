interface Props {
  /** 0 to 100. */
  percent: number;
  label: string;
  fill?: string;
  className?: string;
}

/** A bar for a percentage that also stands in words beside it. */
export function Meter({ percent, label, fill = "bg-accent", className = "" }: Props) {
  const value = Math.min(100, Math.max(0, percent));
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 10) / 10}
      className={`h-2 overflow-hidden rounded-full bg-raised ${className}`}
    >
      <div className={`h-full rounded-full ${fill}`} style={{ width: `${value}%` }} />
    </div>
  );
}
