"""A CDF client from the environment variables that the Cognite Toolkit logs in with.

Names and defaults are the Toolkit's: https://docs.cognite.com/cdf/deploy/cdf_toolkit/guides/auth
"""

from collections.abc import Mapping

from cognite.client import ClientConfig, CogniteClient, global_config
from cognite.client.credentials import CredentialProvider, OAuthClientCredentials, Token

CLIENT_NAME = "plex-cdf-deploy"
COGNITE_TOKEN_URL = "https://auth.cognite.com/oauth2/token"  # noqa: S105  # an address


class LoginError(Exception):
    """The environment does not say how to log in; the message names the variables."""


def from_environment(env: Mapping[str, str]) -> CogniteClient:
    """A client for `CDF_PROJECT`, logged in by client credentials or by a token.

    Raises:
        LoginError: when a variable is missing, or the flow needs a person (a deploy runs unattended).
    """
    flow, provider = env.get("LOGIN_FLOW") or "client_credentials", env.get("PROVIDER") or "entra_id"
    names = ("CDF_CLUSTER", "CDF_PROJECT", *_login_variables(flow, provider, env))
    if missing := [name for name in names if not env.get(name)]:
        raise LoginError(f"unset or empty: {', '.join(missing)}; a deploy needs them to log in")
    # Otherwise each client asks the package index for its newest release in the background.
    global_config.disable_pypi_version_check = True
    return CogniteClient(
        ClientConfig(
            client_name=CLIENT_NAME,
            project=env["CDF_PROJECT"],
            base_url=env.get("CDF_URL") or _cluster(env),
            credentials=Token(env["CDF_TOKEN"]) if flow == "token" else _client_credentials(provider, env),
        )
    )


def _login_variables(flow: str, provider: str, env: Mapping[str, str]) -> tuple[str, ...]:
    if flow == "token":
        return ("CDF_TOKEN",)
    if flow != "client_credentials":
        raise LoginError(f"LOGIN_FLOW is {flow}; a deploy logs in with client_credentials or token")
    where: tuple[str, ...] = ()
    if provider == "entra_id" and not env.get("IDP_TOKEN_URL"):
        where = ("IDP_TENANT_ID",)
    elif provider not in {"entra_id", "cdf"}:
        where = ("IDP_TOKEN_URL",)
    return ("IDP_CLIENT_ID", "IDP_CLIENT_SECRET", *where)


def _client_credentials(provider: str, env: Mapping[str, str]) -> CredentialProvider:
    client_id, client_secret = env["IDP_CLIENT_ID"], env["IDP_CLIENT_SECRET"]
    if provider == "cdf":
        return OAuthClientCredentials(COGNITE_TOKEN_URL, client_id, client_secret, scopes=None)
    tenant = env.get("IDP_TENANT_ID")
    scopes, audience = f"{_cluster(env)}/.default", _cluster(env)
    if provider == "auth0":
        scopes = "IDENTITY,user_impersonation"
        audience = f"https://{env['CDF_PROJECT']}.fusion.cognite.com/{env['CDF_PROJECT']}"
    return OAuthClientCredentials(
        token_url=env.get("IDP_TOKEN_URL") or f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        client_id=client_id,
        client_secret=client_secret,
        scopes=(env.get("IDP_SCOPES") or scopes).split(","),
        audience=env.get("IDP_AUDIENCE") or audience,
    )


def _cluster(env: Mapping[str, str]) -> str:
    return f"https://{env['CDF_CLUSTER']}.cognitedata.com"
