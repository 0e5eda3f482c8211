import { Link } from "wouter";
import { DownloadButton } from "@/analytics/DownloadButton";
import { details, detailsCsv, learnerAnomalies, risk } from "@/analytics/endpoints";
import { FiguresPage } from "@/analytics/FiguresPage";
import { useManagerAnalytics } from "@/analytics/useManagerAnalytics";
import { Icon } from "@/ui/Icon";
import { AnomalyCard } from "./learner/AnomalyCard";
import { AssignmentCard } from "./learner/AssignmentCard";
import { LearnerSummary } from "./learner/LearnerSummary";
import { ModuleCard } from "./learner/ModuleCard";
import { QuizCard } from "./learner/QuizCard";
import { RiskCard } from "./learner/RiskCard";
import { TimelineCard } from "./learner/TimelineCard";

/** All there is about one learner. */
export function LearnerPage({ id }: { id: number }) {
  const endpoints = { details: details(id), risk: risk(id), anomalies: learnerAnomalies(id) };
  const analytics = useManagerAnalytics(endpoints);
  const { data } = analytics;
  const name = data.details?.learner.full_name || data.details?.learner.username;

  return (
    <>
      <Link
        href="/learners"
        className="link mb-2 inline-flex items-center gap-1 text-sm print:hidden"
      >
        <Icon name="left" className="size-3.5" />
        Learners
      </Link>
      <FiguresPage
        title={name ?? "Learner"}
        lead={data.details?.learner.full_name ? data.details.learner.username : undefined}
        what="the learner"
        path={endpoints.details.path}
        actions={<DownloadButton path={detailsCsv(id)} fileName={`learner-${id}.csv`} />}
        {...analytics}
      >
        <div className="print-in-turn grid grid-cols-1 gap-5">
          {data.details && <LearnerSummary details={data.details} />}
          <div className="print-in-turn grid grid-cols-1 gap-5 lg:grid-cols-2">
            <div className="print-in-turn grid grid-cols-1 content-start gap-5">
              {data.risk && <RiskCard risk={data.risk} />}
              {data.anomalies && <AnomalyCard anomalies={data.anomalies} />}
              {data.details && <ModuleCard modules={data.details.modules} />}
              {data.details && <QuizCard attempts={data.details.quiz_performance} />}
            </div>
            {data.details && (
              <div className="print-in-turn grid grid-cols-1 content-start gap-5">
                <AssignmentCard
                  learner={data.details.learner}
                  assignments={data.details.assignments}
                  computedAt={data.details.computed_at}
                  reload={analytics.reload}
                />
                <TimelineCard timeline={data.details.timeline} />
              </div>
            )}
          </div>
        </div>
      </FiguresPage>
    </>
  );
}
