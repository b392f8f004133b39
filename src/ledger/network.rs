//! Whether a folder lies on a network file system.
//!
//! SQLite's write-ahead log needs memory shared by all processes that use the file, and a run's lock must hold
//! against all of them: neither is so between two machines. Linux names the kind of every mount in
//! `/proc/self/mountinfo` (`man 5 proc_pid_mountinfo`); elsewhere, and where that cannot be read, nothing is known and
//! nothing refused.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Kinds of file systems whose files another machine may have open.
const NETWORK: [&str; 17] = [
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "smb3", "smbfs", "vboxsf",
];

/// The same, where a FUSE daemon stands between.
const NETWORK_FUSE: [&str; 9] =
    ["ceph", "davfs", "gcsfuse", "glusterfs", "juicefs", "rclone", "s3fs", "seaweedfs", "sshfs"];

/// The kind of the network file system that `folder` lies on, if it lies on one.
pub(super) fn network_kind(folder: &Path) -> Option<String> {
    let device = fs::metadata(folder).ok()?.dev();
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    kind_of(&mounts, device).filter(|kind| is_network(kind)).map(str::to_owned)
}

/// The kind of the file system on this device.
fn kind_of(mounts: &str, device: u64) -> Option<&str> {
    let wanted = format!("{}:{}", major(device), minor(device));
    mounts.lines().find_map(|line| {
        let (mount, source) = line.split_once(" - ")?;
        (mount.split(' ').nth(2)? == wanted).then(|| source.split(' ').next())?
    })
}

fn is_network(kind: &str) -> bool {
    NETWORK.contains(&kind) || kind.strip_prefix("fuse.").is_some_and(|kind| NETWORK_FUSE.contains(&kind))
}

/// makedev(3): how Linux packs the two numbers.
fn major(device: u64) -> u64 {
    ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff)
}

fn minor(device: u64) -> u64 {
    (device & 0xff) | ((device >> 12) & !0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 0:52 / /srv/shared rw,relatime shared:9 - nfs4 server:/export rw,vers=4.2
31 27 0:53 / /home/me/far rw,nosuid shared:10 master:3 - fuse.sshfs me@far: rw
32 27 0:54 / /home/me/safe rw,nosuid - fuse.gocryptfs /home/me/.safe rw
33 27 259:300 / /big rw - xfs /dev/nvme1n1 rw
";

    fn kind(major: u64, minor: u64) -> Option<&'static str> {
        kind_of(MOUNTS, ((major & 0xfff) << 8) | (minor & 0xff) | ((minor & !0xff) << 12))
    }

    #[test]
    fn a_mount_is_found_by_its_device() {
        assert_eq!(kind(254, 0), Some("ext4"));
        assert_eq!(kind(0, 52), Some("nfs4"));
        assert_eq!(kind(0, 53), Some("fuse.sshfs"));
        assert_eq!(kind(259, 300), Some("xfs"));
        assert_eq!(kind(9, 9), None);
    }

    #[test]
    fn network_kinds_are_told_from_local_ones() {
        assert!(is_network("nfs4") && is_network("cifs") && is_network("fuse.sshfs"));
        assert!(
            !is_network("ext4")
                && !is_network("fuse.gocryptfs")
                && !is_network("tmpfs")
                && !is_network("fuse")
        );
    }

    #[test]
    fn the_temporary_folder_of_this_machine_is_local() {
        assert_eq!(network_kind(&std::env::temp_dir()), None);
    }
}
