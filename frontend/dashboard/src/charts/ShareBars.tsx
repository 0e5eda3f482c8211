import type { ReactNode } from "react";
import { sayCount } from "@/ui/format";

export interface Share {
  key: string;
  label: ReactNode;
  hint: string;
  count: number;
  fill: string;
  href: string;
}

interface Props {
  shares: readonly Share[];
  total: number;
  link: (share: Share, children: ReactNode) => ReactNode;
}

/** Parts of a whole: a bar for each, with its number in words. */
export function ShareBars({ shares, total, link }: Props) {
  return (
    <ul className="grid gap-1">
      {shares.map((share) => {
        const percent = total > 0 ? (share.count / total) * 100 : 0;
        return (
          <li key={share.key}>
            {link(
              share,
              <>
                <span className="flex items-baseline justify-between gap-x-3">
                  <span>
                    <span className="font-medium">{share.label}</span>{" "}
                    <span className="text-sm text-muted">{share.hint}</span>
                  </span>
                  <span className="whitespace-nowrap tabular-nums">
                    <span className="font-semibold">{sayCount(share.count)}</span>{" "}
                    <span className="text-sm text-muted">({Math.round(percent)} %)</span>
                  </span>
                </span>
                <span className="mt-1.5 block h-2 overflow-hidden rounded-full bg-raised">
                  <span
                    className={`block h-full rounded-full ${share.fill}`}
                    style={{ width: `${percent}%` }}
                  />
                </span>
              </>,
            )}
          </li>
        );
      })}
    </ul>
  );
}
