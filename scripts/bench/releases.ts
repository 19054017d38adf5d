import { type DelayOptions, type DelayResult, measureDelays } from "./release_delay.ts";
import { type DownloadOptions, type DownloadResult, measureDownloads } from "./release_download.ts";

/** What `liveroll server` needs for releases. */
export interface ReleasesResult {
  downloads: readonly DownloadResult[];
  delays: DelayResult;
}

/** Measures what a large artifact takes, and how soon a release is in service. */
export async function measureReleases(
  directory: string,
  options: DelayOptions & DownloadOptions,
): Promise<ReleasesResult> {
  return {
    downloads: await measureDownloads(directory, options),
    delays: await measureDelays(directory, options),
  };
}
