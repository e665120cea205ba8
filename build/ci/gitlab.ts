import { type CellJob, type Jobs, RUNNERS } from "./jobs.ts";

const nameOf = ({ function: owner, os, arch, quantization }: CellJob): string =>
  `${owner} ${os}-${arch}-${quantization}`;

const cell = ({ function: owner, os, arch, quantization }: CellJob): string =>
  `--function ${owner} --os ${os} --arch ${arch} --quantization ${quantization}`;

const testJob = (job: CellJob): string => `"test ${nameOf(job)}":
  extends: .mkimage
  stage: test
  tags: [${RUNNERS.gitlab[job.arch]}]
  script:
    - mkimage build ${cell(job)}
    - mkimage test ${cell(job)}
`;

const releaseJob = (job: CellJob): string => `"release ${job.function}":
  extends: .mkimage
  stage: release
  tags: [${RUNNERS.gitlab[job.arch]}]
  rules:
    - if: $CI_COMMIT_TAG =~ /^v/
  environment: production
  resource_group: mkimage-${job.function}
  id_tokens:
    AWS_TOKEN:
      aud: sts.amazonaws.com
  variables:
    AWS_ROLE_ARN: $AWS_ROLE
    AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/aws-token
  script:
    - (umask 077; printf %s "$AWS_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE")
    - mkimage release ${cell(job)} --image-version "$CI_COMMIT_TAG" --record release.json
  artifacts:
    paths: [release.json]
`;

/**
 * A pipeline of GitLab: every cell is built and tested on a machine of its architecture; a tag releases. AWS is reached by
 * OIDC, without stored keys. Pure.
 * @param tool the version of mkimage that it installs
 */
export const gitlabPipeline = (
  { test, release }: Jobs,
  tool: string,
): string => `# Written by \`mkimage ci gitlab\`: write it anew after a change of mkimage.json's matrix.
# Variables of the project: AWS_REGION and AWS_ROLE, the ARN of a role that trusts this GitLab for this project, with the
# audience sts.amazonaws.com. docs/deploy.md has its permissions.
stages: [test, release]

.mkimage:
  image: docker:28-cli
  services: [docker:28-dind]
  variables:
    GIT_DEPTH: "0" # images have the revision and the time of the commit that last changed them
    DOCKER_HOST: tcp://docker:2376
    DOCKER_TLS_CERTDIR: /certs
    DOCKER_CERT_PATH: /certs/client
    DOCKER_TLS_VERIFY: "1"
    MKIMAGE_CACHE: $CI_PROJECT_DIR/.cache/mkimage
  cache:
    key:
      prefix: $CI_JOB_NAME_SLUG
      files: [models/lock.json]
    paths: [.cache/mkimage]
  before_script:
    - apk add --no-cache git nodejs npm
    - npm install --global mkimage@${tool}
    - docker context create ci
    - docker buildx create --use ci

${[...test.map(testJob), ...release.map(releaseJob)].join("\n")}`;
