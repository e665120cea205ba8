"""
Installs the stage's packages: uv with pip, all others with uv, which takes a fifth of pip's time. Each file is checked
against its sha256. uv does not read pip's settings, so pip's files and environment are translated to those of uv.

    install.py UV REQUIREMENTS TARGET
"""

import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SECRETS = Path("/run/secrets")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
# Settings of pip (https://pip.pypa.io/en/stable/cli/pip_install/) and what uv calls them
# (https://docs.astral.sh/uv/reference/environment/), with what joins several values.
SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "no-index": ("UV_NO_INDEX", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "proxy": ("ALL_PROXY", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
}
# The sections of pip's settings, in rising precedence.
PLACES = ["global", "install", ":env:"]


def pip_environment() -> dict[str, str]:
    """pip's environment variables for the build's secrets."""
    env = dict(os.environ)
    for name, secret in (("PIP_CERT", "ca"), ("PIP_CONFIG_FILE", "pip")):
        if (SECRETS / secret).exists():
            env[name] = str(SECRETS / secret)
    index = SECRETS / "pip-index"
    return env | ({"PIP_INDEX_URL": index.read_text().strip()} if index.exists() else {})


def uv_environment(listed: str) -> dict[str, str]:
    """uv's environment variables for pip's settings, as `pip config list` prints them (`global.index-url='https://…'`)."""
    settings = {}
    for place in PLACES:
        for line in listed.splitlines():
            key, _, value = line.partition("=")
            section, _, name = key.rpartition(".")
            if section == place and name in SETTINGS:
                variable, separator = SETTINGS[name]
                settings[variable] = separator.join(ast.literal_eval(value).split())
    return settings


def main() -> None:
    """Runs both installers; the one that fails prints the reason."""
    uv_requirements, requirements, target = sys.argv[1:]
    env = pip_environment()
    checked = ["--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    listed = subprocess.run([*PIP, "config", "list"], env=env, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as uv:
        fetch = [*PIP, "install", *checked, "--no-compile", "--root-user-action=ignore", f"--target={uv}"]
        subprocess.run([*fetch, "-r", uv_requirements], env=env, check=True)
        # Any index may supply a file, since its hash is checked. Files are written once and hard-linked into place.
        own = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_LINK_MODE": "hardlink", "UV_NO_CACHE": "1"}
        install = [f"{uv}/bin/uv", "pip", "install", *checked, f"--python={sys.executable}", f"--target={target}"]
        subprocess.run([*install, "-r", requirements], env=os.environ | own | uv_environment(listed), check=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
