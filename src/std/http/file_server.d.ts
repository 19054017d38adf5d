/** Serves the files below `fsRoot`, which the path of the request names. Never rejects. */
export function serveDir(
  request: Request,
  options: {
    fsRoot: string;
    /** Lists directories without an `index.html`. @default {false} */
    showDirListing?: boolean;
    /** Names that begin with a dot, too. @default {false} */
    showDotfiles?: boolean;
    /** Logs nothing. @default {false} */
    quiet?: boolean;
    /** `name: value`, added to every answer. */
    headers?: string[];
  },
): Promise<Response>;
