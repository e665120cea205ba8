import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { npmEnvironment, npmSecrets, registrySecrets } from "../../../../build/clients/npm.ts";
import { temporaryFolder, writeTree } from "../../../support/folder.ts";

test("a settings file is a secret together with the variables in it", () => {
  expect(npmSecrets("npmrc-project", "/p/.npmrc")).toEqual([
    "id=npmrc-project,src=/p/.npmrc",
    "id=npm-env,env=MKIMAGE_NPM_ENV",
  ]);
});

test("the values of the variables are text that a shell reads, and npm then finds them", async () => {
  const settings = [
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: npm's own syntax
    "//registry.example/:_authToken=${TOKEN}",
    "//other.example/:_password=${PASSWORD?}",
    "init-author-name=${ODD}",
    "init-author-email=\\${ESCAPED}",
    "init-version=${UNSET}",
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: npm's own syntax
  ];
  const folder = await temporaryFolder({ ".npmrc": settings.join("\n") });
  const env = {
    TOKEN: "npm_abc=",
    PASSWORD: 'a b$c`d"e\\f',
    ODD: 'it\'s #1; "so"',
    ESCAPED: "no",
    OTHER: "no",
  };
  const npmrc = join(folder, ".npmrc");
  const secrets = npmSecrets("npmrc", npmrc);
  const { MKIMAGE_NPM_ENV = "" } = await npmEnvironment([...secrets, "id=ca,src=/ca"], env);
  expect(MKIMAGE_NPM_ENV).not.toMatch(/ESCAPED|OTHER|UNSET/);
  const run = (script: string) =>
    execa("sh", ["-c", `set -a; . "$FILE"; set +a; ${script}`], {
      env: { FILE: join(folder, "variables"), NPM_CONFIG_USERCONFIG: npmrc },
    });
  await writeTree(folder, { variables: MKIMAGE_NPM_ENV });
  const { stdout } = await run(
    'printf \'%s\\n\' "$TOKEN" "$PASSWORD" "$ODD"; npm config get init-author-name',
  );
  expect(stdout.split("\n")).toEqual([env.TOKEN, env.PASSWORD, env.ODD, env.ODD]);
});

test("a registry that the environment names is handed out as well", async () => {
  expect(registrySecrets({})).toEqual([]);
  const env = { NPM_CONFIG_REGISTRY: "https://npm.example/" };
  const secrets = registrySecrets(env);
  expect(secrets).toEqual(["id=npm-env,env=MKIMAGE_NPM_ENV"]);
  expect(await npmEnvironment(secrets, env)).toEqual({
    MKIMAGE_NPM_ENV: "NPM_CONFIG_REGISTRY='https://npm.example/'\n",
  });
});

test("without npm's settings there is nothing to hand out", async () => {
  expect(await npmEnvironment(["id=ca,src=/ca", "id=pip-index,env=PIP_INDEX_URL"], { TOKEN: "x" })).toEqual(
    {},
  );
});
