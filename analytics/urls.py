from django.urls import path

from analytics import views

urlpatterns = [
    path("team-summary/", views.TeamSummaryView.as_view()),
    path("learners/", views.LearnerListView.as_view()),
    path("<row_id:learner>/details/", views.LearnerDetailsView.as_view()),
    path("<row_id:learner>/risk/", views.LearnerRiskView.as_view()),
]
