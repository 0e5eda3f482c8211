import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";

const KINDS = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong border-transparent",
  secondary: "bg-surface text-ink hover:bg-raised border-edge",
  quiet: "bg-transparent text-muted hover:bg-raised hover:text-ink border-transparent",
} as const;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: keyof typeof KINDS;
  icon?: IconName;
  /** Work is under way: cannot be pressed again, and says so. */
  busy?: boolean;
}

export function Button({
  kind = "secondary",
  icon,
  busy = false,
  className = "",
  children,
  ...rest
}: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || rest.disabled ? true : undefined}
      onClick={(event) => {
        // Not `disabled` while busy: that would throw the focus away.
        if (busy) event.preventDefault();
        else rest.onClick?.(event);
      }}
      className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-lg border px-3.5 py-1.5 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-60 ${KINDS[kind]} ${className}`}
    >
      {icon && (
        <Icon
          name={icon}
          className={`size-4 ${busy && icon === "refresh" ? "animate-spin" : ""}`}
        />
      )}
      {children}
    </button>
  );
}
