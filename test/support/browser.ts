import { execa } from "execa";
import { launch, type Page } from "puppeteer-core";

/** The first of these that is installed. */
async function findBrowser(): Promise<string> {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    const { stdout, exitCode } = await execa("which", [name], { reject: false });
    if (exitCode === 0) return stdout;
  }
  throw new Error("There is no Chromium: make browser");
}

/** A page at an address, and every address that it asked for. */
export async function withPage<T>(
  url: string,
  use: (page: Page, asked: readonly string[]) => Promise<T>,
): Promise<T> {
  // Without a sandbox of its own, since tests may run as root.
  const browser = await launch({
    executablePath: await findBrowser(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(url);
    return await use(page, asked);
  } finally {
    await browser.close();
  }
}
