from targets.admin import periods, plans, record, submissions, targets

__all__ = ["periods", "plans", "record", "submissions", "targets"]
