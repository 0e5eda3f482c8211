from django.db import migrations

from config.sql import read_sql

# What was given, or handed in again, after the module was completed stayed open.
COMPLETE_WHAT_WAS_LEFT_OPEN = """
update tracking_assignment as assignment
set status = 'completed'
from tracking_moduleprogress as progress
where
    assignment.user_id = progress.user_id
    and assignment.module_id = progress.module_id
    and progress.status = 'completed'
    and assignment.status in ('assigned', 'submitted')
"""
# A grade that was given at the admin site did not reach the assignment.
GRADE_WHAT_HAS_A_GRADE = """
update tracking_assignment as assignment
set status = 'graded'
where
    assignment.status <> 'graded'
    and exists (
        select from tracking_submission as submission
        where submission.assignment_id = assignment.id and submission.grade is not null
    )
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_ledger_by_day")]

    operations = [
        migrations.RunSQL(
            read_sql("functions/assign"),
            "drop function public.tracking_assign"
            "(bigint, bigint[], timestamptz, bigint, timestamptz)",
        ),
        migrations.RunSQL(GRADE_WHAT_HAS_A_GRADE, migrations.RunSQL.noop),
        migrations.RunSQL(COMPLETE_WHAT_WAS_LEFT_OPEN, migrations.RunSQL.noop),
    ]
