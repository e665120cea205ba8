import { basename } from "node:path";
import { expect, test } from "vitest";
import { projectName, repositoryPath } from "../../../../build/config/project-name.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refusal } from "../../../support/refusal.ts";

test("it is that of package.json", async () => {
  const folder = await temporaryFolder({ "package.json": { name: "@team/search" } });
  expect(await projectName(folder)).toBe("@team/search");
});

test.each([{}, { "package.json": { private: true } }, { "package.json": { name: "" } }])(
  "it is the folder's where package.json says none: %j",
  async (files) => {
    const folder = await temporaryFolder(files);
    expect(await projectName(`${folder}/.`)).toBe(basename(folder));
  },
);

test("a package.json that is not JSON is named", async () => {
  const folder = await temporaryFolder({ "package.json": "{" });
  expect(await refusal(() => projectName(folder))).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("package.json is not JSON"),
  });
});

test.each([
  ["shop", "shop"],
  ["@acme/My Shop", "acme/my-shop"],
  ["a--b__c..d", "a-b-c-d"],
  ["-my.app_2-", "my.app_2"],
  ["プロジェクト", "mkimage"],
  ["@/", "mkimage"],
])("the repository of %j is %j", (name, path) => {
  expect(repositoryPath(name)).toBe(path);
});
