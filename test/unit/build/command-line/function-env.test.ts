import { expect, test } from "vitest";
import { functionEnv } from "../../../../build/command-line/function-env.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

const OWN = { TOKEN: "secret", AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key", AWS_PROFILE: "p" };

test("without an option nothing of this shell is passed on", async () => {
  expect(await functionEnv({}, OWN)).toEqual([]);
});

test("variables are read from the command line, from this shell, and from a file, whose values it replaces", async () => {
  const folder = await temporaryFolder({
    "a.env": '# a comment\n\nMODE=file\r\nQUOTED="as it is"\nEMPTY=\nTOKEN\n',
  });
  const env = ["MODE=line", "URL=a=b,c"];
  expect(await functionEnv({ env, envFile: `${folder}/a.env` }, OWN)).toEqual([
    "MODE=line",
    'QUOTED="as it is"',
    "EMPTY=",
    "TOKEN=secret",
    "URL=a=b,c",
  ]);
});

test("AWS's are passed on when asked, and of them those that are set", async () => {
  expect(await functionEnv({ passAws: true }, OWN)).toEqual([
    "AWS_ACCESS_KEY_ID=id",
    "AWS_SECRET_ACCESS_KEY=key",
  ]);
  expect((await refusal(() => functionEnv({ passAws: true }, {}))).message).toContain("--pass-aws");
});

test.each([
  ["1X=secret", '--env: "1X" is no name of a variable'],
  ["=secret", '--env: "" is no name of a variable'],
  ["MISSING", "--env: MISSING has no value, and is not set in this shell"],
])("%s is refused, and no value is shown", async (text, message) => {
  const error = await refusal(() => functionEnv({ env: [text] }, OWN));
  expect(error.message).toBe(message);
  expect(`${error.message}${error.hint}`).not.toContain("secret");
});

test("a file that is not there, or a line of it that is wrong, is named", async () => {
  const folder = await temporaryFolder({ "a.env": "OK=1\nnot valid=secret\n" });
  expect((await refusal(() => functionEnv({ envFile: `${folder}/none` }, OWN))).message).toContain(
    `${folder}/none`,
  );
  const error = await refusal(() => functionEnv({ envFile: `${folder}/a.env` }, OWN));
  expect(error.message).toBe(`${folder}/a.env:2: "not valid" is no name of a variable`);
});
