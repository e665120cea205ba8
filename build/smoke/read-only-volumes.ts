import type Docker from "dockerode";
import { withContainer } from "../clients/container.ts";

/** Lambda's own folder that can be written: a volume there would only hide it. */
const IN_TMP = /^\/tmp(?:\/|$)/;

/**
 * Has the volumes that an image declares mounted read-only: Lambda knows no volumes and its root is read-only, but an engine
 * makes a folder of each that can be written. They are those of a container that is made only, and never started; without
 * volumes there is none.
 * @param settings of the function's container
 */
export async function withReadOnlyVolumes<T>(
  docker: Docker,
  settings: Docker.ContainerCreateOptions,
  use: (settings: Docker.ContainerCreateOptions) => Promise<T>,
): Promise<T> {
  const { Config } = await docker.getImage(settings.Image ?? "").inspect();
  if (Object.keys(Config.Volumes ?? {}).every((path) => IN_TMP.test(path))) return use(settings);
  const { Image = "", Labels = {} } = settings;
  return withContainer(docker, { Image, Labels, HostConfig: { NetworkMode: "none" } }, async (holder) => {
    const { Mounts } = await holder.inspect();
    const volumes = Mounts.filter(({ Destination }) => !IN_TMP.test(Destination)).map(
      ({ Name = "", Destination }) =>
        ({ Type: "volume", Source: Name, Target: Destination, ReadOnly: true }) as const,
    );
    return use({ ...settings, HostConfig: { ...settings.HostConfig, Mounts: volumes } });
  });
}
