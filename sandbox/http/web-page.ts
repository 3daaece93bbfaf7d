/** What stands where the real image serves its web page: any GET outside /api is 200 with HTML there. */
export const webPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>sandbox, not Infisical</title></head>
<body>
<h1>sandbox, not Infisical</h1>
<p>This is a small stand-in for the Infisical API, for trying things out and for tests. It has no web page.
Put no real secrets into it. The API is under <code>/api</code>; <code>/api/status</code> tells whether it runs.</p>
</body>
</html>
`;
