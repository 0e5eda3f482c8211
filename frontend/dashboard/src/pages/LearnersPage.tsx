import { useCallback, useState } from "react";
import { DownloadButton } from "@/analytics/DownloadButton";
import { learnersCsv, learners as learnersOf } from "@/analytics/endpoints";
import { FiguresPage } from "@/analytics/FiguresPage";
import { useManagerAnalytics } from "@/analytics/useManagerAnalytics";
import { useRefresh } from "@/analytics/useRefresh";
import { numberIn, useAddress } from "@/app/useAddress";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { plural } from "@/ui/format";
import { Pager } from "@/ui/Pager";
import { AssignDialog } from "./learners/AssignDialog";
import { ChosenBar } from "./learners/ChosenBar";
import { LearnerFilters } from "./learners/LearnerFilters";
import { LearnerTable } from "./learners/LearnerTable";
import { useChosen } from "./learners/useChosen";

const PAGE_SIZE = 50;
const FILTERS = ["search", "status", "risk_level", "team"] as const;

/** Who is there, by what the address says: search, filters, order and page. */
export function LearnersPage() {
  const [address, change] = useAddress();
  const page = Math.max(1, numberIn(address, "page") ?? 1);
  const ordering = address.get("ordering") ?? "username";
  const wanted = {
    ...Object.fromEntries(FILTERS.map((name) => [name, address.get(name)])),
    ordering: ordering === "username" ? null : ordering,
  };
  const endpoint = learnersOf({ ...wanted, page: page > 1 ? page : null, page_size: PAGE_SIZE });
  const analytics = useManagerAnalytics({ learners: endpoint }, { keep: true });
  const rows = analytics.data.learners;
  const total = analytics.totals.learners ?? rows?.length ?? 0;
  const isFiltered = FILTERS.some((name) => address.get(name));
  const { chosen, choose, clear } = useChosen();
  const [isAssigning, setIsAssigning] = useState(false);
  const { refresh } = useRefresh(endpoint.path, analytics.reload);
  const order = useCallback(
    (next: string) => change({ ordering: next === "username" ? null : next, page: null }),
    [change],
  );

  return (
    <>
      <FiguresPage
        title="Learners"
        lead={
          <span role="status" data-testid="match-count">
            {rows && !analytics.changing
              ? `${plural(total, "learner")}${isFiltered ? " match" : ""}`
              : "…"}
          </span>
        }
        what="the learners"
        path={endpoint.path}
        actions={<DownloadButton path={learnersCsv(wanted)} fileName="learners.csv" />}
        tools={<LearnerFilters />}
        {...analytics}
      >
        <section aria-label="List of learners" className="card card-long overflow-hidden">
          {rows && rows.length > 0 ? (
            <div
              className={analytics.changing ? "opacity-60 transition-opacity" : ""}
              aria-busy={analytics.changing}
            >
              <LearnerTable
                rows={rows}
                ordering={ordering}
                onOrder={order}
                chosen={chosen}
                onChoose={choose}
              />
            </div>
          ) : (
            <Empty
              title={
                isFiltered
                  ? "No learner matches"
                  : page > 1
                    ? "Nobody is on this page"
                    : "There are no learners yet"
              }
            >
              {isFiltered ? (
                <Button
                  className="mt-3"
                  onClick={() =>
                    change({
                      ...Object.fromEntries(FILTERS.map((name) => [name, null])),
                      page: null,
                    })
                  }
                >
                  Clear search and filters
                </Button>
              ) : page > 1 ? null : (
                "Learners appear here with the next refresh after an administrator has added them to your team."
              )}
            </Empty>
          )}
          <Pager
            page={page}
            pageSize={PAGE_SIZE}
            total={total}
            what="learners"
            onPage={(next) => change({ page: next > 1 ? next : null })}
          />
        </section>
      </FiguresPage>
      {chosen.size > 0 && (
        <ChosenBar count={chosen.size} onAssign={() => setIsAssigning(true)} onClear={clear} />
      )}
      {isAssigning && (
        <AssignDialog
          learners={[...chosen.values()]}
          onLeaveOut={(refused) => choose(refused, false)}
          onAssigned={() => {
            clear();
            void refresh();
          }}
          onClose={() => setIsAssigning(false)}
        />
      )}
    </>
  );
}
