"""Users, logins and sessions."""

import base64
import secrets
from typing import Any

from engine import Engine, Session

PASSWORD = "right"
TOKENS = {"access-token", "refreshed-token", "personal-token"}
PARAMETERS = {
    "CLIENT_SESSION_KEEP_ALIVE": False,
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY": 3600,
    "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 65280,
    "CLIENT_PREFETCH_THREADS": 2,
    "TIMEZONE": "America/Los_Angeles",
}


class Refusal(Exception):
    """A request that is answered with `success: false`."""

    def __init__(self, code: str, message: str, data: dict[str, Any] | None = None, status: int = 200) -> None:
        self.code, self.message, self.data, self.status = code, message, data, status


class Account:
    def __init__(self) -> None:
        self.engine = Engine()
        self.sessions: dict[str, Session] = {}
        self.masters: dict[str, Session] = {}
        self.expired: set[str] = set()
        self.logins: list[dict[str, Any]] = []

    def login(self, request: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
        self.logins.append({**request, "parameters": parameters})
        check_credentials(request)
        names = {"database": "databaseName", "schema": "schemaName", "warehouse": "warehouse", "role": "roleName"}
        session = self.engine.connect({kind: unquoted(parameters.get(name)) for kind, name in names.items()})
        master = secrets.token_urlsafe(16)
        self.masters[master] = session
        return {
            **self.new_token(session),
            "masterToken": master,
            "masterValidityInSeconds": 14400,
            "sessionId": id(session),
            "serverVersion": "9.34.1",
            "parameters": [{"name": name, "value": value} for name, value in PARAMETERS.items()],
            "sessionInfo": {
                "databaseName": session.connection.database,
                "schemaName": session.connection.schema,
                "warehouseName": parameters.get("warehouse"),
                "roleName": parameters.get("roleName"),
            },
        }

    def new_token(self, session: Session) -> dict[str, Any]:
        token = secrets.token_urlsafe(16)
        self.sessions[token] = session
        return {"token": token, "validityInSeconds": 3600}

    def renew(self, master: str) -> dict[str, Any]:
        if (session := self.masters.get(master)) is None:
            raise Refusal("390114", "Authentication token has expired. The user must authenticate again.")
        renewed = self.new_token(session)
        return {
            "sessionToken": renewed["token"], "validityInSecondsST": 3600, "masterToken": master,
            "validityInSecondsMT": 14400, "sessionId": id(session),
        }  # fmt: skip

    def session(self, token: str) -> Session:
        if token in self.expired:
            raise Refusal("390112", "Your session has expired. Please login again.")
        if (session := self.sessions.get(token)) is None:
            raise Refusal("390111", "Session no longer exists.  New login required to access the service.")
        return session

    def logout(self, token: str) -> None:
        session = self.session(token)
        self.sessions = {key: other for key, other in self.sessions.items() if other is not session}
        self.masters = {key: other for key, other in self.masters.items() if other is not session}
        session.close()

    def expire(self, database: str, is_master: bool) -> None:
        self.expired.update(token for token, session in self.sessions.items() if session.database == database)
        if is_master:
            self.masters = {token: session for token, session in self.masters.items() if session.database != database}

    def browser_login(self, request: dict[str, Any]) -> dict[str, Any]:
        self.logins.append(request)
        return {"ssoUrl": "http://127.0.0.1:1/sso", "proofKey": "proof", "tokenUrl": None}

    def refresh(self, form: dict[str, Any], authorization: str) -> dict[str, Any]:
        client = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        self.logins.append({"oauth": form, "client": client})
        if client != "client-id:client-secret" or form.get("refresh_token") != "refresh-token":
            raise Refusal("390318", "invalid_grant", status=400)
        return {"access_token": "refreshed-token", "token_type": "Bearer", "expires_in": 600}

    def take_logins(self, database: str) -> list[dict[str, Any]]:
        """Logins to a database, and exchanges of tokens, which name none."""
        taken = [login for login in self.logins if unquoted(login.get("parameters", {}).get("databaseName", database)) == database]
        self.logins = [login for login in self.logins if login not in taken]
        return taken


def unquoted(name: str | None) -> str | None:
    return name.strip('"') if name else None


def check_credentials(request: dict[str, Any]) -> None:
    authenticator = str(request.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
    if authenticator in ("OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"):
        if request.get("TOKEN") not in TOKENS:
            raise Refusal("390303", "Invalid OAuth access token.")
    elif authenticator == "SNOWFLAKE_JWT":
        if str(request.get("TOKEN")).count(".") != 2:
            raise Refusal("390144", "JWT token is invalid.")
    elif request.get("PASSWORD") != PASSWORD:
        raise Refusal("390100", "Incorrect username or password was specified.", {"authnMethod": "USERNAME_PASSWORD"})
