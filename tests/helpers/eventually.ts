/** The text at `url`, asked again until somebody answers; bounded. */
export async function eventually(url: string): Promise<string> {
  const signal = AbortSignal.timeout(15_000);
  for (;;) {
    try {
      return await (await fetch(url, { signal })).text();
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
