import { expect, test } from "vitest";
import { ownPaths } from "../../../../build/smoke/written-files.ts";

const changed = (Path: string, Kind = 0) => ({ Path, Kind });

test.each([
  [
    "folders that only hold what is written are left out",
    [changed("/var"), changed("/var/task"), changed("/var/task/x", 1)],
    ["/var/task/x"],
  ],
  ["a new folder without files is told", [changed("/opt"), changed("/opt/cache", 1)], ["/opt/cache"]],
  ["what is deleted is told as that", [changed("/etc"), changed("/etc/issue", 2)], ["/etc/issue (deleted)"]],
  [
    "the engine's own files and mounts are not the function's",
    [
      changed("/etc"),
      changed("/etc/hosts", 1),
      changed("/dev/x", 1),
      changed("/.dockerenv", 1),
      changed("/tmp/x", 1),
      changed("/tmp"),
    ],
    [],
  ],
  [
    "Python's caches are harmless",
    [changed("/var/task/__pycache__", 1), changed("/var/task/__pycache__/a.pyc", 1), changed("/var/task")],
    [],
  ],
  [
    "a name that begins as another one is no folder of it",
    [changed("/opt/a", 1), changed("/opt/ab", 1)],
    ["/opt/a", "/opt/ab"],
  ],
])("%s", (_, changes, expected) => {
  expect(ownPaths(changes)).toEqual(expected);
});
