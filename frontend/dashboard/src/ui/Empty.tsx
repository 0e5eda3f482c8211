import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon";

/** There is nothing, and that is not a fault. */
export function Empty({
  title,
  icon = "search",
  children,
}: {
  title: string;
  icon?: IconName;
  children?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-4 py-10 text-center" data-testid="empty">
      <span className="mb-3 grid size-11 place-items-center rounded-full bg-raised text-muted">
        <Icon name={icon} className="size-5" />
      </span>
      <p className="font-medium">{title}</p>
      {children && <div className="mt-1 max-w-prose text-sm text-muted">{children}</div>}
    </div>
  );
}
