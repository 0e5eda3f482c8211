from django.db import migrations, models

from config.sql import read_sql

CREATE_THE_TABLE = """
create table analytics_auditentry (
    id bigint primary key check (id > 0),
    at timestamptz not null,
    actor_id bigint not null,
    actor text not null,
    action text not null check (action ~ '^[a-z_]{1,50}$'),
    learner_id bigint,
    learner text not null,
    request_id text not null,
    detail jsonb not null check (jsonb_typeof(detail) = 'object'),
    hash bytea not null check (octet_length(hash) = 32)
);
create index audit_by_actor on analytics_auditentry (actor_id, id);
create index audit_by_learner on analytics_auditentry (learner_id, id) where learner_id is not null;
create index audit_by_time on analytics_auditentry (at);
"""

APPEND_ONLY = """
create trigger append_only before update or delete or truncate on analytics_auditentry
for each statement execute function public.audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0002_policy_row"),
        ("tracking", "0003_ledger_by_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField()),
                ("actor", models.TextField()),
                ("action", models.TextField()),
                ("learner_id", models.BigIntegerField(null=True)),
                ("learner", models.TextField()),
                ("request_id", models.TextField()),
                ("detail", models.JSONField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "analytics_auditentry",
                "verbose_name_plural": "audit entries",
                "managed": False,
            },
        ),
        migrations.RunSQL(CREATE_THE_TABLE, "drop table analytics_auditentry"),
        migrations.RunSQL(
            read_sql("functions/audit_hash"),
            "drop function public.audit_hash"
            "(bytea, bigint, timestamptz, bigint, text, text, bigint, text, text, jsonb)",
        ),
        migrations.RunSQL(
            read_sql("functions/audit_record"),
            "drop function public.audit_record(bigint, text, bigint, jsonb, text)",
        ),
        migrations.RunSQL(
            read_sql("functions/audit_refuse_change"),
            "drop function public.audit_refuse_change()",
        ),
        migrations.RunSQL(APPEND_ONLY, "drop trigger append_only on analytics_auditentry"),
    ]
