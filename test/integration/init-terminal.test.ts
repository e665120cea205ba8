import { describe, expect, test } from "vitest";
import { emptyProject } from "../support/empty-project.ts";
import { KEY, mkimageOnTerminal } from "../support/mkimage-on-terminal.ts";
import { onnxFile } from "../support/onnx.ts";

describe("init on a terminal", () => {
  test("asks for task, model and matrix, and writes what was chosen", async () => {
    await using stack = new AsyncDisposableStack();
    const project = await emptyProject();
    stack.use(project.hub);
    const terminal = mkimageOnTerminal(["init"], { cwd: project.folder, env: project.env });
    await terminal.answer("What is the model to do?", KEY.enter);
    await terminal.answer("Which model?", "hf:acme/tiny", KEY.enter);
    await terminal.answer("Operating systems", KEY.space, KEY.enter);
    await terminal.answer("Architectures", KEY.enter);
    await terminal.answer("Number formats", KEY.enter);
    const { exitCode, screen } = await terminal.ended;
    expect(exitCode, screen).toBe(0);
    expect(JSON.parse(await project.read("mkimage.json"))).toEqual({
      os: ["debian", "ubuntu", "alpine"],
      functions: { tiny: { model: "tiny" } },
    });
    expect(JSON.parse(await project.read("models/tiny.json")).task).toBe("feature-extraction");
  });

  test("asks which task of several it is", async () => {
    await using stack = new AsyncDisposableStack();
    const label2id = { entailment: 0, neutral: 1, contradiction: 2 };
    const config = JSON.stringify({ architectures: ["BertForSequenceClassification"], label2id });
    const graph = onnxFile({ outputs: { logits: 2 } });
    const project = await emptyProject({}, { "config.json": config, "onnx/model.onnx": graph });
    stack.use(project.hub);
    const terminal = mkimageOnTerminal(["init", "hf:acme/tiny"], { cwd: project.folder, env: project.env });
    await terminal.answer("What is hf:acme/tiny to do?", KEY.down, KEY.enter);
    const { exitCode, screen } = await terminal.ended;
    expect(exitCode, screen).toBe(0);
    // Rows of what was fetched before stay above the question.
    expect(screen).toMatch(
      / files {3}tiny from hf:acme\/tiny ✓.*\n(?:│\n)?◆ {2}What is hf:acme\/tiny to do\?/,
    );
    expect(JSON.parse(await project.read("models/tiny.json")).task).toBe("zero-shot-classification");
  });

  test("writes nothing when a question is answered by Ctrl-C", async () => {
    await using stack = new AsyncDisposableStack();
    const project = await emptyProject();
    stack.use(project.hub);
    const terminal = mkimageOnTerminal(["init"], { cwd: project.folder, env: project.env });
    await terminal.answer("What is the model to do?", KEY.enter);
    await terminal.answer("Which model?", KEY.interrupt);
    const { exitCode, screen } = await terminal.ended;
    expect(exitCode, screen).toBe(130);
    expect(screen).not.toMatch(/^\s+at /m);
    expect(await project.files()).toEqual([]);
  });
});
