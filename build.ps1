# Builds, tests and runs TorchScratch on Windows, and wherever PowerShell 7 is available. Has the same verbs
# as build.sh.
param(
    [Parameter(Position = 0)] [string] $Verb = 'build',
    [Parameter(ValueFromRemainingArguments = $true)] [string[]] $Rest = @()
)
$ErrorActionPreference = 'Stop'
$caller = (Get-Location).Path
Set-Location $PSScriptRoot
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

function Stop-Build([string] $message) { Write-Error "build.ps1: $message"; exit 1 }

function Invoke-Checked([string] $program, [string[]] $arguments) {
    & $program @arguments
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Assert-Tool([string] $tool, [string] $command) {
    if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) { Stop-Build "$tool is missing. Type: $command" }
}

# CMake fetches Highway, nlohmann/json and googletest, pinned by hash, if the system does not have them.
# One tree serves the library and its tests, so that neither has to be configured again for the other.
function Build-Native([string] $preset, [string] $target = 'all', [string[]] $options = @()) {
    Assert-Tool 'cmake' 'winget install Kitware.CMake'
    Assert-Tool 'ninja' 'winget install Ninja-build.Ninja'
    if ($IsWindows -and -not (Get-Command cl -ErrorAction SilentlyContinue) -and -not (Get-Command clang-cl -ErrorAction SilentlyContinue)) {
        Stop-Build 'no C++ compiler: run this in a "Developer PowerShell for VS 2022"'
    }
    Invoke-Checked 'cmake' (@('--preset', $preset, '-DTORCHSCRATCH_TESTS=ON') + $options)
    Invoke-Checked 'cmake' @('--build', "build/$preset", '--target', $target)
}

function Assert-DotNet {
    Assert-Tool 'dotnet' 'winget install Microsoft.DotNet.SDK.10'
}

function Build-Managed {
    Assert-DotNet
    Invoke-Checked 'dotnet' @('build', 'TorchScratch.sln', '-c', 'Release', '-v', 'quiet', '--nologo')
}

# Common is a library, not an example.
function Get-ExampleNames { (Get-ChildItem examples/*/*.csproj).BaseName | Where-Object { $_ -ne 'Common' } }

# Runs in the caller's folder, which relative paths and the folder of runs refer to.
function Start-Example([string] $name, [string[]] $options) {
    if ($name -notin (Get-ExampleNames)) { Stop-Build "there is no example '$name'; available: $(Get-ExampleNames)" }
    Build-Native 'release' 'torchscratch'
    Assert-DotNet
    Invoke-Checked 'dotnet' @('build', "examples/$name", '-c', 'Release', '-v', 'quiet', '--nologo')
    Set-Location $caller
    Invoke-Checked 'dotnet' (@("$PSScriptRoot/examples/$name/bin/Release/net10.0/$name.dll") + $options)
}

switch ($Verb) {
    'build' { Build-Native 'release'; Build-Managed }
    'demo' {
        Start-Example 'Mnist' $Rest
    }
    'example' {
        if ($Rest.Count -eq 0) { Get-ExampleNames } else { Start-Example $Rest[0] @($Rest | Select-Object -Skip 1) }
    }
    'test' {
        Build-Native 'release'
        Invoke-Checked (Get-ChildItem build/release/tests/native/torchscratch_tests* | Where-Object { $_.Extension -in '.exe', '' } | Select-Object -First 1).FullName @('--gtest_brief=1')
        Invoke-Checked (Get-ChildItem build/release/tests/native/torchscratch_plugin_tests* | Where-Object { $_.Extension -in '.exe', '' } | Select-Object -First 1).FullName @('--gtest_brief=1')
        Build-Managed
        Invoke-Checked 'dotnet' (@('test', 'tests/managed', '-c', 'Release', '--no-build', '--nologo') + $Rest)
        $env:TORCHSCRATCH_CUDA = 'guard'
        try {
            Invoke-Checked 'dotnet' @('test', 'tests/managed', '-c', 'Release', '--no-build', '--nologo', '--filter',
                'FullyQualifiedName~TorchScratch.Tests.Devices')
        }
        finally {
            Remove-Item Env:TORCHSCRATCH_CUDA
        }
    }
    'conformance' {
        Build-Native 'release' 'torchscratch'
        Assert-DotNet
        Invoke-Checked 'dotnet' (@('run', '--project', 'tests/conformance', '-c', 'Release', '--') + $Rest)
    }
    'cuda' {
        Assert-Tool 'nvcc' 'winget install Nvidia.CUDA'
        Build-Native 'release' 'torchscratch_cuda' @('-DTORCHSCRATCH_CUDA=ON')
    }
    'bench' {
        Invoke-Checked 'cmake' @('--preset', 'release', '-DTORCHSCRATCH_BENCHMARKS=ON')
        Build-Native 'release'
        Invoke-Checked (Get-ChildItem build/release/tests/benchmarks/torchscratch_benchmarks* | Where-Object { $_.Extension -in '.exe', '' } | Select-Object -First 1).FullName $Rest
    }
    'bindings' {
        Assert-DotNet
        Invoke-Checked 'dotnet' @('run', '--project', 'bindings/OpGenerator', '-c', 'Release')
        Invoke-Checked 'dotnet' @('run', '--project', 'bindings/BindingGenerator', '-c', 'Release', '--',
            'native/include/torchscratch/c_api.h', 'native/include', 'bindings/TorchScratch.Native/Native.g.cs')
    }
    'format' {
        Assert-Tool 'clang-format' 'winget install LLVM.LLVM'
        git ls-files '*.h' '*.cpp' | Where-Object { $_ -notmatch '\.g\.' } | ForEach-Object { clang-format -i $_ }
        Invoke-Checked 'dotnet' @('format', 'TorchScratch.sln', 'whitespace')
    }
    # The fuzzers of the core need libFuzzer, which build.sh finds; these are the managed ones.
    'fuzz' {
        $seconds = '60'
        if ($Rest.Count -ge 2 -and $Rest[0] -eq '--seconds') { $seconds = $Rest[1]; $Rest = @($Rest | Select-Object -Skip 2) }
        $kinds = @('managed', 'api')
        if ($Rest.Count -ge 1) {
            if ($Rest[0] -notin $kinds) { Stop-Build "unknown kind of fuzzer '$($Rest[0])'; available: $kinds" }
            $kinds = @($Rest[0])
            $Rest = @($Rest | Select-Object -Skip 1)
        }
        Build-Native 'release'
        Assert-DotNet
        foreach ($kind in $kinds) {
            Invoke-Checked 'dotnet' @('build', "tests/fuzz/$kind", '-c', 'Release', '-v', 'quiet', '--nologo')
            Invoke-Checked 'dotnet' (@('run', '--project', "tests/fuzz/$kind", '-c', 'Release', '--no-build', '--', '--seconds', $seconds) + $Rest)
        }
    }
    default { Stop-Build "unknown verb '$Verb'; use build, demo, example, test, conformance, cuda, bench, bindings, format or fuzz" }
}
