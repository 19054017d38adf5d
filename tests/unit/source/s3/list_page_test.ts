import { assertEquals, assertThrows } from "@std/assert";
import { readListPage } from "../../../../src/source/s3/list_page.ts";
import { RegistryError } from "../../../../src/source/registry.ts";

function list(inside: string): string {
  return `<?xml version="1.0"?>\n<ListBucketResult xmlns="x">${inside}</ListBucketResult>`;
}

function keys(inside: string): string[] {
  return readListPage(list(inside), "b").objects.map(({ key }) => key);
}

Deno.test("a list of objects and folders is read, whatever else is in it", () => {
  const page = readListPage(
    list(`
      <Name>b</Name><Prefix>p/</Prefix><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>
      <NextContinuationToken>a&amp;b=</NextContinuationToken>
      <Contents><Owner><ID>1</ID></Owner><Key>p/v1</Key><Size>12</Size>
        <LastModified>1970-01-01T00:00:01.000Z</LastModified><ETag>&quot;x&quot;</ETag></Contents>
      <Contents><Key>p/odd</Key></Contents>
      <CommonPrefixes><Prefix>p/v1.0.0+blue/</Prefix></CommonPrefixes>
      <CommonPrefixes>
        <Prefix>p/v2/</Prefix>
      </CommonPrefixes>`),
    "b",
  );
  assertEquals(page, {
    objects: [
      { key: "p/v1", size: 12, modifiedAt: 1000 },
      { key: "p/odd", size: null, modifiedAt: null },
    ],
    folders: ["p/v1.0.0+blue/", "p/v2/"],
    next: "a&b=",
  });
});

const NAMES: readonly [string, string][] = [
  ["a&amp;b&lt;c&gt;&quot;d&apos;", "a&b<c>\"d'"],
  ["&amp;lt;", "&lt;"],
  ["&#228;&#xe4;&#x1F600;&#13;", "ää😀\r"],
  ["&#x110000;&nothing;", "&#x110000;&nothing;"],
  ["<![CDATA[a&b]]>", "a&b"],
  ["a+b%20c", "a+b%20c"],
];

for (const [written, key] of NAMES) {
  Deno.test(`the key ${written} is read as ${JSON.stringify(key)}`, () => {
    assertEquals(keys(`<Contents><Key>${written}</Key></Contents>`), [key]);
  });
}

Deno.test("keys that a server encodes like URLs are decoded", () => {
  const type = "<EncodingType>url</EncodingType>";
  assertEquals(keys(`${type}<Contents><Key>a+b%2Bc%</Key></Contents>`), ["a+b%2Bc%"]);
  assertEquals(keys(`${type}<Contents><Key>a+b%2Bc</Key></Contents>`), ["a b+c"]);
});

Deno.test("an empty list may be written in short", () => {
  assertEquals(readListPage("<ListBucketResult/>", "b"), { objects: [], folders: [], next: null });
});

Deno.test("a list that never closes is read in time that grows with its length", () => {
  assertEquals(keys("<Contents><Key>".repeat(100_000)), []);
});

for (const text of ["", "<html></html>", list("<IsTruncated>true</IsTruncated>")]) {
  Deno.test(`${JSON.stringify(text)} is no list`, () => {
    assertThrows(
      () => readListPage(text, "the bucket b"),
      RegistryError,
      "Cannot list the bucket b",
    );
  });
}
