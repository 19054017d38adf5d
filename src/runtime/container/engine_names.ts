/** What names of containers of an application begin with: engines take less than names of apps have. */
export function containerBaseName(app: string): string {
  return app.replaceAll(/[^a-zA-Z0-9_.-]/g, "-");
}

/** The name of an application as a part of names of images. Two of them may become the same. */
export function imagePart(app: string): string {
  return app.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/-$/, "");
}
