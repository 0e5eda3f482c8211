from django.urls import path

from analytics.views import audit, exports, learners, refresh, teams

urlpatterns = [
    path("team-summary/", teams.TeamSummaryView.as_view()),
    path("breakdown/", teams.BreakdownView.as_view()),
    path("teams/", teams.TeamListView.as_view()),
    path("trends/", teams.TrendsView.as_view()),
    path("learners/", learners.LearnerListView.as_view()),
    path("anomalies/", learners.AnomalyListView.as_view()),
    path("refresh/", refresh.RefreshView.as_view()),
    path("audit/", audit.AuditListView.as_view()),
    path("learners.csv", exports.LearnersCsvView.as_view()),
    path("<row_id:learner>/details.csv", exports.LearnerDetailsCsvView.as_view()),
    path("<row_id:learner>/details/", learners.LearnerDetailsView.as_view()),
    path("<row_id:learner>/risk/", learners.LearnerRiskView.as_view()),
]
