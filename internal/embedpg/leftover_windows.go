package embedpg

import "golang.org/x/sys/windows"

// holders cannot see another process's folder here. Our own server dies with us
// (a job object), so only a pid that some PostgreSQL has now is in doubt.
func holders(cluster string, postmaster int) ([]int, error) {
	if postmaster == 0 {
		return nil, nil
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(postmaster))
	if err != nil {
		return nil, nil
	}
	defer windows.CloseHandle(process)
	var code uint32
	if windows.GetExitCodeProcess(process, &code) == nil && code != 259 { // 259: still active
		return nil, nil
	}
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(buffer))
	if err := windows.QueryFullProcessImageName(process, 0, &buffer[0], &size); err != nil {
		return nil, doubt(postmaster, cluster)
	}
	if isServer(windows.UTF16ToString(buffer[:size])) {
		return nil, doubt(postmaster, cluster)
	}
	return nil, nil
}
