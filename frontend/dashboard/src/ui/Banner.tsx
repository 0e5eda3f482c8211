import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

const KINDS: Record<"info" | "warn" | "bad" | "good", { look: string; icon: IconName }> = {
  info: { look: "bg-accent-soft text-ink border-accent", icon: "clock" },
  good: { look: "bg-good-soft text-ink border-good", icon: "check" },
  warn: { look: "bg-warn-soft text-ink border-warn", icon: "warning" },
  bad: { look: "bg-bad-soft text-ink border-bad", icon: "error" },
};

interface Props {
  kind: keyof typeof KINDS;
  title: string;
  icon?: IconName;
  children?: ReactNode;
  action?: ReactNode;
  testId?: string;
}

/** A message about the page. Put it into a live region where it comes up by itself. */
export function Banner({ kind, title, icon, children, action, testId }: Props) {
  const { look, icon: usual } = KINDS[kind];
  return (
    <div
      className={`flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border-l-4 px-4 py-3 text-sm ${look}`}
      data-testid={testId}
    >
      <Icon name={icon ?? usual} className="mt-0.5 size-4.5" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold">{title}</p>
        {children && <div className="mt-0.5 text-ink">{children}</div>}
      </div>
      {action}
    </div>
  );
}
