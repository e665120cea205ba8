import { expect, test } from "vitest";
import { threadCount } from "../../../../runtime/environment/threads.ts";

test.each([
  { memory: "128", cores: 2, threads: 1 },
  { memory: "1769", cores: 2, threads: 1 },
  { memory: "1770", cores: 2, threads: 2 },
  { memory: "3538", cores: 6, threads: 2 },
  { memory: "10240", cores: 6, threads: 6 },
  { memory: "10240", cores: 2, threads: 2 },
  { memory: undefined, cores: 4, threads: 4 },
  { memory: "", cores: 4, threads: 4 },
  { memory: "much", cores: 4, threads: 4 },
  { memory: "-1", cores: 1, threads: 1 },
])("$memory MB on $cores cores: $threads", ({ memory, cores, threads }) => {
  expect(threadCount(memory, cores)).toBe(threads);
});
