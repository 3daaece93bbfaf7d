module infisical-pulumi-stack/tools/command

go 1.25.11

tool github.com/pulumi/pulumi-command/provider/cmd/pulumi-resource-command

// The commit of the tag v1.2.1: the module lies in a sub-folder and the tag does not name it, so Go knows this release
// only by date and commit.
require github.com/pulumi/pulumi-command/provider v0.0.0-20260303235922-7f3eb6f3b77c
