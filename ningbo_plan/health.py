from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has every migration, else 503; for monitoring, without login."""
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"database": "unreachable", "migrations": "unknown"}, status=503)
    state = "complete" if not waiting else f"{waiting} missing"
    return JsonResponse(
        {"database": "ok", "vendor": connection.vendor, "migrations": state}, status=503 if waiting else 200
    )
