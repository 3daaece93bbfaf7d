from infisical_sdk import InfisicalSDKClient

from conftest import Infisical


def test_gives_the_application_the_secrets_of_the_blueprint(infisical: Infisical) -> None:
    environment = infisical.environment
    client = InfisicalSDKClient(host=environment["INFISICAL_HOST"])
    client.auth.universal_auth.login(environment["INFISICAL_CLIENT_ID"], environment["INFISICAL_CLIENT_SECRET"])
    listed = client.secrets.list_secrets(
        project_id=environment["INFISICAL_PROJECT_ID"],
        environment_slug=environment["INFISICAL_ENV"],
        secret_path=environment["INFISICAL_PATH"],
    )
    values = {secret.secretKey: secret.secretValue for secret in listed.secrets}
    assert values["OPENAI_API_KEY"] == "sk-only-in-these-tests"
    assert values["OPENAI_LLM_MODEL"] == "gpt-4o-mini"
