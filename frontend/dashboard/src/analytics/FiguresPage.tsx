import type { ReactNode } from "react";
import { Problem, sayError } from "@/http/problem";
import { type Reading, statusOf } from "@/polling/freshness";
import { useOnline } from "@/polling/presence";
import { useElapsed } from "@/polling/useElapsed";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { sayDateTimeZone } from "@/ui/format";
import { Loading } from "@/ui/Loading";
import { PageHeading } from "@/ui/PageHeading";
import { FreshnessNote } from "./FreshnessNote";
import { useRefresh } from "./useRefresh";

interface Props {
  title: string;
  lead?: ReactNode;
  /** What is being loaded, for the word of it. */
  what: string;
  reading: Reading | undefined;
  loading: boolean;
  error: unknown;
  reload: () => Promise<void>;
  /** An address of the page, by which newer figures are waited for. */
  path: string;
  actions?: ReactNode;
  /** Stays whatever happens to the figures, such as filters. */
  tools?: ReactNode;
  children: ReactNode;
}

/**
 * The frame of every page with figures: its heading, how old they are, and what is wrong with them.
 * Figures that came once are shown until there are newer ones, whatever happens.
 */
export function FiguresPage(props: Props) {
  const { title, lead, what, reading, loading, error, reload, path, actions, tools, children } =
    props;
  const { refreshing, outcome, refresh } = useRefresh(path, reload);

  return (
    <>
      <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <PageHeading title={title}>{lead}</PageHeading>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          {reading && <FreshnessNote reading={reading} />}
          <div className="flex flex-wrap gap-2 print:hidden">
            {actions}
            <Button icon="refresh" busy={refreshing} onClick={refresh}>
              {refreshing ? "Refreshing …" : "Refresh"}
            </Button>
          </div>
        </div>
      </header>

      <p role="status" className="sr-only" data-testid="refresh-outcome">
        {outcome}
      </p>
      <div role="status" className="grid gap-3 [&:not(:empty)]:mb-5" data-testid="figures-messages">
        {outcome.startsWith("The server") || outcome.startsWith("The refresh") ? (
          <Banner kind="warn" title={outcome} testId="refresh-message" />
        ) : null}
        {reading && <AgeBanner reading={reading} />}
        {reading && error ? (
          <Banner
            kind="bad"
            title="The figures could not be updated"
            testId="update-failed"
            action={<Button onClick={() => void reload()}>Try again</Button>}
          >
            {sayError(error)} What you see is the last that came.
          </Banner>
        ) : null}
      </div>

      {tools}
      {reading && !loading ? (
        children
      ) : error ? (
        <Failed error={error} what={what} reload={reload} />
      ) : (
        <Loading what={what} />
      )}
    </>
  );
}

/** The words do not tick: each is read out once. */
function AgeBanner({ reading }: { reading: Reading }) {
  const status = statusOf(reading, useElapsed());
  const online = useOnline();
  const why = online
    ? "New ones are asked for all the time."
    : "There is no connection at the moment.";
  if (status === "stale") {
    return (
      <Banner kind="warn" title="These figures are more than 2 minutes old" testId="stale">
        {why}
      </Banner>
    );
  }
  if (status === "outdated") {
    return (
      <Banner kind="bad" icon="warning" title="Data may be outdated" testId="outdated">
        The figures are of {sayDateTimeZone(reading.computedAt)}, more than 5 minutes ago. {why}
      </Banner>
    );
  }
  return null;
}

function Failed({
  error,
  what,
  reload,
}: {
  error: unknown;
  what: string;
  reload: () => Promise<void>;
}) {
  if (error instanceof Problem && error.code === "not-computed") {
    return (
      <div role="status" className="card" data-testid="not-computed">
        <Empty icon="clock" title="Nothing has been computed yet">
          The first figures come within a minute or so of the start. This page looks for them by
          itself.
        </Empty>
      </div>
    );
  }
  if (error instanceof Problem && error.status === 404) {
    return (
      <div role="alert" className="card" data-testid="not-found">
        <Empty title="Not found">
          There is nothing here that you may see. The address may be wrong or out of date.
        </Empty>
      </div>
    );
  }
  return (
    <div role="alert" data-testid="failed">
      <Banner
        kind="bad"
        title={`Could not load ${what}`}
        action={<Button onClick={() => void reload()}>Try again</Button>}
      >
        {sayError(error)}
      </Banner>
    </div>
  );
}
