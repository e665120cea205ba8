import { join } from "node:path";
import { mkimage } from "../support/mkimage.ts";
import { makeProject, type Project } from "../support/project.ts";
import { addModel, madeModels } from "../support/task-models.ts";
import { ATTACKED } from "./models.ts";

/** The image of a function with a model for each task, built when it is first asked for and removed in the end. */
export async function withImage<T>(use: (image: () => Promise<string>) => Promise<T>): Promise<T> {
  let project: Project | undefined;
  let built: Promise<string> | undefined;
  const image = () => {
    built ??= makeProject().then((made) => {
      project = made;
      return build(made);
    });
    return built;
  };
  try {
    return await use(image);
  } finally {
    await project?.remove();
  }
}

async function build(project: Project): Promise<string> {
  const models = madeModels();
  for (const [name, { made, task }] of Object.entries(ATTACKED))
    await addModel(project, { name, made: join(models, made), task });
  await project.writeConfig({
    functions: { [project.function]: { models: Object.keys(ATTACKED) } },
    repository: "mkimage-test/<function>",
  });
  for (const args of [["lock"], ["build", "--os", "debian", "--arch", "amd64"]]) {
    const { exitCode, stderr } = await mkimage(args, { cwd: project.folder });
    if (exitCode !== 0) throw new Error(`mkimage ${args[0]} ended with ${exitCode}:\n${stderr}`);
  }
  return `${project.repository}:debian-amd64`;
}
