//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    unpyramid::cli::run(unpyramid::transforms::ALL, std::env::args_os())
}
