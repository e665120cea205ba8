import type { CellJob, Jobs } from "./jobs.ts";
import { RUNNERS } from "./jobs.ts";

const row = (job: CellJob): string =>
  `          - { function: "${job.function}", os: ${job.os}, arch: ${job.arch}, quantization: ${job.quantization}, runner: ${RUNNERS.github[job.arch]} }`;

const CELL = '--function "$FUNCTION" --os "$OS" --arch "$ARCH" --quantization "$QUANTIZATION"';

const steps = (tool: string) => `      - uses: actions/checkout@v4
        with: { fetch-depth: 0 } # images have the revision and the time of the commit that last changed them
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - uses: docker/setup-buildx-action@v3
      - uses: actions/cache@v4
        with:
          path: ~/.cache/mkimage
          key: mkimage-\${{ matrix.arch }}-\${{ hashFiles('models/lock.json') }}
          restore-keys: mkimage-\${{ matrix.arch }}-
      - run: npm install --global mkimage@${tool}`;

const ENVIRONMENT = `    env:
      FUNCTION: \${{ matrix.function }}
      OS: \${{ matrix.os }}
      ARCH: \${{ matrix.arch }}
      QUANTIZATION: \${{ matrix.quantization }}`;

/**
 * A workflow of GitHub Actions: every cell is built and tested on a machine of its architecture; a tag releases. AWS is
 * reached by OIDC, without stored keys. Pure.
 * @param tool the version of mkimage that it installs
 */
export const githubWorkflow = (
  { test, release }: Jobs,
  tool: string,
): string => `# Written by \`mkimage ci github\`: write it anew after a change of mkimage.json's matrix.
# Settings of the repository: the variables AWS_REGION and AWS_ROLE, the ARN of a role that trusts
# token.actions.githubusercontent.com for this repository. docs/deploy.md has its permissions.
name: mkimage
on:
  pull_request:
  push:
    branches: [main]
    tags: ["v*"]
permissions:
  contents: read
jobs:
  test:
    strategy:
      fail-fast: false
      matrix:
        include:
${test.map(row).join("\n")}
    runs-on: \${{ matrix.runner }}
    timeout-minutes: 60
${ENVIRONMENT}
    steps:
${steps(tool)}
      - run: mkimage build ${CELL}
      - run: mkimage test ${CELL}
  release:
    if: startsWith(github.ref, 'refs/tags/v')
    needs: test
    permissions:
      contents: read
      id-token: write
    environment: production
    concurrency: mkimage-\${{ matrix.function }}
    strategy:
      fail-fast: false
      matrix:
        include:
${release.map(row).join("\n")}
    runs-on: \${{ matrix.runner }}
    timeout-minutes: 60
${ENVIRONMENT}
    steps:
${steps(tool)}
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: \${{ vars.AWS_ROLE }}
          aws-region: \${{ vars.AWS_REGION }}
      - run: mkimage release ${CELL} --image-version "$GITHUB_REF_NAME" --record release.json
      - run: |
          { echo '\`\`\`json'; cat release.json; echo '\`\`\`'; } >> "$GITHUB_STEP_SUMMARY"
      - uses: actions/upload-artifact@v4
        with:
          name: release-\${{ matrix.function }}
          path: release.json
`;
