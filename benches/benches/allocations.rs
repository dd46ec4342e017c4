//! Allocations of [reading and writing](tl_benches::codec), against grammers: a program of its own, as an allocator that counts
//! takes time. Exits with 1 when writing takes more than one.

use std::process::ExitCode;

use allocation_counter::measure;
use tl_benches::codec;

fn main() -> ExitCode {
    let mut is_met = true;
    codec::each(&mut |row| {
        let ours = measure(row.ours).count_total;
        let theirs = measure(row.theirs).count_total;
        println!(
            "{}: {}: ours {ours}, theirs {theirs}",
            row.payload, row.what
        );
        is_met &= row.what != "encode" || ours == 1;
    });
    match is_met {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
