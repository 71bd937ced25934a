from django.http import HttpRequest

from organisations.sessions import idle_seconds, login_address


def idle_logout(request: HttpRequest) -> dict[str, object]:
    """For the warning on every page: after how many seconds the session ends, and the address to go to then."""
    path = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return {"idle_seconds": idle_seconds(), "idle_login_url": login_address(path)}
